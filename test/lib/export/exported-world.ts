import { parseExportQuery } from '../../../lib/export/query.ts';
import type { ExportDeps } from '../../../lib/export/rows.ts';
import { exportText } from '../../../lib/export/stream.ts';
import { makeStartRun } from '../../../lib/lifecycle/start.ts';
import { makeWorld, type World } from '../../memory/world.ts';

export type Row = Record<string, unknown> & { run_id: string | null; cursor: string };

export const CALLER = 'docs';

/** Generates a run in a world, a second after the one before. Resolves to its id. */
export const generate = async (
  world: World,
  body: Record<string, unknown> = {},
  caller = CALLER,
): Promise<string> => {
  const started = await makeStartRun(world.deps)({ prompt: 'Explain queues.', ...body }, { caller });
  if (started.kind === 'started') await started.done;
  await world.clock.advance(1_000);
  return started.run.id;
};

/** A world with runs of one to four generations. */
export const makeExportedWorld = async (runs: number, world: World = makeWorld()): Promise<World> => {
  for (let at = 0; at < runs; at += 1)
    await generate(world, {
      prompt: `Explain queues, part ${at}.`,
      samples: (at % 2) + 1,
      settings: at % 3 === 0 ? [{ label: 'cold', temperature: 0.1 }, { label: 'warm' }] : undefined,
      metadata: { team: at % 2 === 0 ? 'docs' : 'search' },
    });
  return world;
};

/** The text of an export with these parameters; `changes` replace ports of the world. */
export const exportOf = async (
  world: World,
  parameters = '',
  changes: Partial<ExportDeps & { remainingMs: () => number }> = {},
): Promise<string> => {
  let text = '';
  for await (const piece of piecesOf(world, parameters, changes)) text += piece;
  return text;
};

export const piecesOf = (
  world: World,
  parameters = '',
  changes: Partial<ExportDeps & { remainingMs: () => number }> = {},
): AsyncGenerator<string> => {
  const { format, query } = parseExportQuery(new URLSearchParams(`format=jsonl&${parameters}`), CALLER);
  return exportText(format, query, { ...world.deps, ...changes });
};

export const rowsIn = (text: string): Row[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);

export const exportedRows = async (
  ...args: [world: World, parameters?: string, changes?: Parameters<typeof exportOf>[2]]
): Promise<Row[]> => rowsIn(await exportOf(...args));
