/** A text as one word of a shell. */
export const shellWord = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** curl holds back what it has until it is told not to. */
const isStreamed = (body: object): boolean => 'stream' in body && body.stream === true;

/** POST /runs as a command of curl. The key comes from the environment, so that a copy holds none. */
export const curlOf = (body: object, baseUrl: string, hasKey: boolean): string =>
  [
    `curl ${isStreamed(body) ? '-N ' : ''}${shellWord(new URL('runs', baseUrl).href)}`,
    ...(hasKey ? ['-H "Authorization: Bearer $EVERYTOKEN_KEY"'] : []),
    "-H 'Content-Type: application/json'",
    `-d ${shellWord(JSON.stringify(body, null, 2))}`,
  ].join(' \\\n  ');

/** POST /runs as code of the client. */
export const clientCodeOf = (body: object, baseUrl: string, hasKey: boolean): string =>
  `import { createClient } from 'everytoken/client';

const everytoken = createClient({
  baseUrl: ${JSON.stringify(baseUrl)},${hasKey ? '\n  apiKey: process.env.EVERYTOKEN_KEY,' : ''}
});
const run = await everytoken.runs.create(${JSON.stringify(body, null, 2)});
for (const { label, text, timing } of run.generations) console.log(label, timing?.ttft_ms, text);
`;
