import style from 'swagger-ui-dist/swagger-ui.css' with { type: 'packed' };
import script from 'swagger-ui-dist/swagger-ui-bundle.js' with { type: 'packed' };
import dashboard from '../dashboard/index.html' with { type: 'packed' };
import { objectStoreAddress } from '../lib/adapters/aws/object-store-address.ts';
import { makeHttpHandler } from '../lib/adapters/lambda/http.ts';
import { makeBegin, makeInvocation, observed } from '../lib/adapters/lambda/invocation.ts';
import { makeJsonLog } from '../lib/adapters/lambda/json-log.ts';
import { makeStreamingHandler } from '../lib/adapters/lambda/stream.ts';
import { systemClock } from '../lib/adapters/system.ts';
import { makePagesApp } from '../lib/http/pages-app.ts';

// Without composition.ts: pages need no service, and so none of their clients.
const invocation = makeInvocation();
const log = makeJsonLog(() => ({ function: 'pages', request_id: invocation.requestId() }), undefined, {
  namespace: process.env.METRICS_NAMESPACE ?? 'everytoken',
});
const isBinary = process.env.TRANSFER_MODE !== 'BUFFERED';
const app = makePagesApp({
  dashboard,
  objectStore: objectStoreAddress(process.env),
  viewer: { script, style },
  ...{ isBinary, clock: systemClock, log },
});

/** Serves the dashboard and the page at /docs. */
export const handler = isBinary
  ? makeStreamingHandler(app, { log, begin: makeBegin({ invocation, log }) })
  : observed({ invocation, log }, makeHttpHandler(app));
