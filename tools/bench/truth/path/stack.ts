import { join } from 'node:path';
import { type LocalAws, startAws } from '../../../../local/aws/start-aws.ts';
import type { Template } from '../../../../local/aws/template/intrinsics.ts';
import { packageFunctions } from '../../../../local/package-functions.ts';

/**
 * Starts the packaged functions of a checkout, with a model server of which only the address is known. Nothing embeds:
 * send `index: false`. The template's schedules are left out, so that no sweep runs beside a measurement.
 */
export const startPathStack = async (
  root: string,
  { dataDir, modelServer }: { dataDir: string; modelServer: string },
): Promise<LocalAws> => {
  const packaged = await packageFunctions(
    root,
    join(root, 'node_modules', '.cache', 'everytoken', 'packages'),
  );
  const template = structuredClone(packaged.template) as Template;
  for (const [id, { Type, Properties }] of Object.entries(template.Resources))
    if (Type === 'AWS::Events::Rule' && Properties?.ScheduleExpression !== undefined)
      delete template.Resources[id];
  return startAws({
    ...{ template, bundles: packaged.bundles, dataDir, port: 0 },
    environment: {
      ANONYMOUS_CALLER: 'local',
      KEPT_FOR_OTHERS_PERCENT: '0',
      CALLER_REQUESTS_PER_SECOND: '',
      OPENAI_API_KEY: 'bench',
      OPENAI_BASE_URL: modelServer,
      DEFAULT_MODEL: 'steady',
      PINECONE_API_KEY: 'bench',
      PINECONE_CONTROLLER_HOST: 'http://127.0.0.1:9', // the discard port: nothing listens there
      NODE_DISABLE_COMPILE_CACHE: '1', // Lambda has none
    },
    userEnvironment: { PATH: process.env.PATH },
    log: (line) => {
      if (/"level":"error"|Sandbox\.|Runtime\./.test(line)) console.error(line);
    },
  });
};
