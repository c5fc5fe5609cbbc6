import { makeS3Presign } from '../../lib/adapters/aws/s3-presign.ts';
import { makeHttpHandler } from '../../lib/adapters/lambda/http.ts';
import { makeBegin, observed } from '../../lib/adapters/lambda/invocation.ts';
import { makeStreamingHandler } from '../../lib/adapters/lambda/stream.ts';
import { makeReadApp } from '../../lib/http/read-app.ts';
import { readUseCases } from '../../lib/http/read-use-cases.ts';
import { composeAuthenticate, composeLimits } from '../compose/callers.ts';
import { composeVectors } from '../compose/vectors.ts';
import { composeFiles, composeFindSource, composeRequestBase, composeSource } from '../composition.ts';

const base = composeRequestBase('read');
const { config, clients } = base;
const { countRequest } = composeLimits(base);

const app = makeReadApp({
  ...readUseCases({
    ...base,
    ...composeFiles(base),
    findSource: composeFindSource(base),
    readSource: composeSource(base),
    vectors: composeVectors(config),
    presign: makeS3Presign(config.contentBucket),
  }),
  authenticate: composeAuthenticate(config, clients.dynamodb, countRequest),
  clock: base.clock,
  log: base.log,
});

/**
 * Serves the reads that may take long: the list of runs, the GET of a run, a file or a comparison, and the content of a
 * file of OpenAI's Files API.
 */
export const handler =
  config.transferMode === 'BUFFERED'
    ? observed(base, makeHttpHandler(app))
    : makeStreamingHandler(app, { log: base.log, begin: makeBegin(base) });
