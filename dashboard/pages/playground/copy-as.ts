import { hrefOf } from '../../address.ts';
import { curlOf } from '../../request-code.ts';
import { type Draft, requestOf, settingOf } from './draft.ts';

/** The request as a curl command, streamed. */
export const streamedCurlOf = (draft: Draft, baseUrl: string, hasKey: boolean): string =>
  curlOf({ ...requestOf(draft), stream: true }, baseUrl, hasKey);

/** The request as a program in TypeScript or JavaScript, with the client. */
export const programOf = (draft: Draft, baseUrl: string, hasKey: boolean): string =>
  `import { createClient } from 'everytoken/client';

const everytoken = createClient({ baseUrl: ${JSON.stringify(baseUrl)}${hasKey ? ', apiKey: process.env.EVERYTOKEN_KEY' : ''} });
const stream = everytoken.runs.stream(${JSON.stringify(requestOf(draft), null, 2)});
for await (const event of stream) {
  if (event.type === 'generation.token' && event.index === 0) process.stdout.write(event.text);
}
const run = await stream.finalRun();
for (const { label, timing, cost_usd } of run.generations) console.log(label, timing?.ttft_ms, timing?.tpot_ms, cost_usd);
`;

/** Where a comparison is built of the same prompt and settings; with its own usual samples, as one finds no difference. */
export const comparisonHrefOf = (draft: Draft): string =>
  hrefOf(['compare'], {
    new: 1,
    ...(draft.mode === 'prompt'
      ? { prompt: draft.prompt }
      : { prompts: JSON.stringify([{ messages: draft.messages }]) }),
    settings: JSON.stringify(draft.settings.map(settingOf)),
    samples: draft.samples > 1 ? draft.samples : null,
  });
