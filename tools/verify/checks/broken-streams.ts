import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deployment } from '../deployment.ts';
import { type Report, same } from '../report.ts';
import { type Outcome, textOf } from '../runtime/outcome.ts';
import { startSandbox } from '../runtime/start-sandbox.ts';

/** Functions that fail in ways that everytoken's do not. They show that this Runtime API notices such failures. */
const SOURCE = `
export const midway = awslambda.streamifyResponse(async (event, stream) => {
  const out = awslambda.HttpResponseStream.from(stream, { statusCode: 200, headers: {} });
  out.write('half of it');
  await new Promise((resolve) => setTimeout(resolve, 20));
  throw new RangeError('it broke midway');
});
export const thrown = async () => {
  throw new TypeError('it broke at once');
};
export const undone = async () => {
  const { started } = globalThis;
  globalThis.started = started ?? 0;
  setTimeout(() => { globalThis.started += 1; }, 100);
  return started ?? 0;
};
export const large = async () => 'x'.repeat(6_300_000);
`;

/** Checks the behaviour of the runtime client itself, which the other checks rely on. */
export const checkBrokenStreams = async (
  { model, services }: Deployment,
  ric: string,
  { part, check }: Report,
): Promise<void> => {
  part('The runtime client itself');
  const folder = mkdtempSync(join(tmpdir(), 'everytoken-verify-'));
  writeFileSync(join(folder, 'index.mjs'), SOURCE);
  const [fn] = model.functions.values();
  if (!fn) throw new Error('the template has no function');
  const environment = services.environmentOf(fn, folder);

  const outcomesOf = async (name: string, times = 1): Promise<Outcome[]> => {
    const sandbox = await startSandbox({ ...fn, ric, folder, environment, handler: `index.${name}` });
    const outcomes: Outcome[] = [];
    try {
      for (let time = 0; time < times; time += 1) outcomes.push(await sandbox.invoke({}));
      return outcomes;
    } finally {
      await sandbox.close();
    }
  };

  await check('an error in the middle of a stream is reported in trailers', async () => {
    const [outcome] = await outcomesOf('midway');
    same('the error', pick(outcome), { errorType: 'RangeError', errorMessage: 'it broke midway' });
    same(
      'whether the body before the error arrived',
      outcome && textOf(outcome).endsWith('half of it'),
      true,
    );
    return 'RangeError: it broke midway';
  });
  await check('an error before any answer is reported as an error', async () => {
    const [outcome] = await outcomesOf('thrown');
    same('the error', pick(outcome), { errorType: 'TypeError', errorMessage: 'it broke at once' });
    return 'TypeError: it broke at once';
  });
  await check('work that a function leaves running is frozen until its next event', async () => {
    const outcomes = await outcomesOf('undone', 2);
    same('the work found done by each event', outcomes.map(textOf), ['0', '0']);
    return undefined;
  });
  await check('an answer of more than 6 MB is refused', async () => {
    const [outcome] = await outcomesOf('large');
    return outcome?.error?.errorType;
  });
  rmSync(folder, { recursive: true, force: true });
};

const pick = (outcome: Outcome | undefined) =>
  outcome?.error && { errorType: outcome.error.errorType, errorMessage: outcome.error.errorMessage };
