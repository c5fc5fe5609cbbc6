import * as z from 'zod';
import { IncompleteOutputError, InvalidInputError, NotFoundError } from '../errors.ts';
import { sha256Hex } from '../json/canonical-json.ts';
import { type PurgeDeps, purgeRun } from '../lifecycle/delete.ts';
import type { Generation } from '../runs/generation.ts';
import { outputKey } from '../runs/keys.ts';
import { previewsOf } from '../runs/list/entry.ts';
import type { Previews, RunStore } from '../runs/ports.ts';
import { parseMessage } from '../runs/queue-message.ts';
import { outputsOf, requestOf } from '../runs/read-run.ts';
import { settingAt } from '../runs/request.ts';
import type { Run } from '../runs/run.ts';
import { chunkText } from '../vectors/chunk-text.ts';

const pointer = z.object({
  index: z.int().min(0),
  label: z.string(),
  bucket: z.string(),
  key: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  chunks: z.int().min(0),
});

const envelope = z.object({
  source: z.literal('everytoken'),
  'detail-type': z.literal('RunGenerated'),
  detail: z.object({
    schema_version: z.literal(1, 'must be 1, the only schema version supported'),
    run_id: z.string().regex(/^run_/),
    outputs: z.array(pointer),
    trace_id: z.string().optional(),
  }),
});

export type RunGenerated = z.output<typeof envelope>['detail'];

/**
 * Parses a RunGenerated event from the body of a queue message.
 * @throws {InvalidInputError} `bad_event`, not retryable, listing what is wrong.
 */
export const parseRunGenerated = (body: string): RunGenerated =>
  parseMessage(body, envelope, 'bad_event').detail;

/** A chunk of an output that is to be embedded. */
type Piece = { generation: Generation; model: string; chunk: number; text: string };
export type Work = { run: Run; pieces: Piece[]; previews: Previews };

/**
 * Loads the chunks of a generated run. Undefined when there is nothing to embed, because the run is completed, or is
 * deleted; then its vectors are deleted again.
 * @throws {NotFoundError} `unknown_run`, retryable, when there is no such run.
 * @throws {InvalidInputError} `bad_event` when the event points at other outputs than the run's.
 * @throws {IncompleteOutputError} `sha256_mismatch` when an output differs from its hash.
 */
export const loadWork = async (
  event: RunGenerated,
  deps: PurgeDeps & { runs: RunStore; bucket: string },
): Promise<Work | undefined> => {
  const run = await deps.runs.get(event.run_id);
  if (!run)
    throw new NotFoundError(`there is no run ${event.run_id}`, { code: 'unknown_run', retryable: true });
  if (run.status === 'deleted') {
    await purgeRun(run, deps);
    return undefined;
  }
  if (run.status !== 'generated') return undefined;
  verifyPointers(event, run, deps.bucket);
  const request = await requestOf(run, deps);
  const outputs = await outputsOf(run, request, deps);
  const completed = outputs.filter(({ status }) => status === 'completed');
  for (const generation of completed) verifyText(generation, run);
  const modelOf = ({ index }: Generation) => settingAt(request, index)?.model ?? run.model;
  return {
    run,
    pieces: completed.flatMap((generation) => piecesOf(generation, modelOf(generation))),
    previews: previewsOf(request, outputs),
  };
};

const piecesOf = (generation: Generation, model: string): Piece[] =>
  chunkText(generation.text ?? '').map((text, chunk) => ({ generation, model, chunk, text }));

/** Checks that the event points at the run's own outputs. Nothing is ever read from a location in a message. */
const verifyPointers = (event: RunGenerated, run: Run, bucket: string): void => {
  for (const [at, pointer] of event.outputs.entries()) {
    const figures = run.generations[pointer.index];
    const isOurs =
      figures !== undefined &&
      pointer.bucket === bucket &&
      pointer.key === outputKey(run.id, pointer.index, figures.lease) &&
      pointer.sha256 === figures.sha256;
    if (!isOurs) {
      throw new InvalidInputError(
        [{ path: `detail.outputs.${at}`, message: 'does not match an output of the run' }],
        { code: 'bad_event' },
      );
    }
  }
};

const verifyText = (generation: Generation, run: Run): void => {
  const expected = run.generations[generation.index]?.sha256;
  if (sha256Hex(generation.text ?? '') !== expected) {
    throw new IncompleteOutputError(`run ${run.id}: output ${generation.index} does not match its sha256`, {
      code: 'sha256_mismatch',
      retryable: false,
    });
  }
};
