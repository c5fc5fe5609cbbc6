import type { Clock } from '../async/clock.ts';
import { ConflictError } from '../errors.ts';
import { refuseDeleted } from '../files/delete-file.ts';
import { FILE_DUE } from '../files/limits.ts';
import type { FileStore } from '../files/ports.ts';
import { newFile, type PromptFile } from '../files/prompt-file.ts';
import { plannedLinesKey } from '../files/read/planned-lines.ts';
import { canonicalJson, sha256Hex } from '../json/canonical-json.ts';
import { errorFields, type Log } from '../observe/log.ts';
import { derivedRunId } from '../runs/keys.ts';
import type { ContentStore, FileQueue, Ids } from '../runs/ports.ts';
import type { RequestDefaults } from '../runs/request.ts';
import { comparisonKey, makePlan, planKey, summaryOf } from './plan.ts';
import { parseComparison } from './request.ts';

export type CreateComparisonDeps = {
  files: FileStore;
  content: ContentStore;
  fileQueue: FileQueue;
  clock: Clock;
  ids: Ids;
  log: Log;
  bucket: string;
  defaults: RequestDefaults;
};

/**
 * Accepts a comparison: writes its plan and its lines to S3, then creates a file item, which intake processes like any
 * prompt file's. The same caller and Idempotency-Key return the first comparison (`isReplay`).
 * @throws {InvalidInputError} when the body is invalid (see `parseComparison`) or its lines are over 16 MiB.
 * @throws {ConflictError} `idempotency_key_reused` when the key was used for another body.
 * @throws {NotFoundError} `gone` when its comparison was deleted.
 */
export const createComparison = async (
  body: unknown,
  { caller, idempotencyKey }: { caller: string; idempotencyKey?: string },
  deps: CreateComparisonDeps,
): Promise<{ id: string; isReplay: boolean }> => {
  const { files, content, clock, ids } = deps;
  const request = await parseComparison(body, deps.defaults);
  const now = clock.now();
  const runId =
    idempotencyKey === undefined ? ids.runId(now) : derivedRunId('comparison', caller, idempotencyKey);
  const id = runId.replace('run_', 'cmp_');
  const etag = sha256Hex(canonicalJson(body));
  const earlier = idempotencyKey === undefined ? undefined : await files.get(id);
  if (earlier) return replay(earlier, etag);

  const createdAt = new Date(now).toISOString();
  const { plan, lines } = makePlan(request, { id, createdAt, bucket: deps.bucket });
  await Promise.all([
    content.put(planKey({ id, etag }), JSON.stringify(plan), 'application/json'),
    content.put(plannedLinesKey({ id, etag }), JSON.stringify(lines), 'application/json'),
  ]);
  const isNew = await files.create(
    fileOf({ id, caller, etag, createdAt, dueAt: now + FILE_DUE.messageSent, comparison: summaryOf(plan) }),
  );
  const winner = isNew ? undefined : await files.get(id);
  if (winner) return replay(winner, etag);
  deps.log.info('comparison.accepted', {
    comparison_id: id,
    blocks: plan.blocks.length,
    settings: plan.settings.length,
  });
  await messageIntake(id, deps);
  return { id, isReplay: false };
};

const replay = (earlier: PromptFile, wanted: string): { id: string; isReplay: boolean } => {
  const { id, etag } = earlier;
  if (etag !== wanted) {
    throw new ConflictError('this Idempotency-Key was used for another body; use a new key', {
      code: 'idempotency_key_reused',
    });
  }
  refuseDeleted(earlier);
  return { id, isReplay: true };
};

const fileOf = (
  own: Pick<PromptFile, 'id' | 'caller' | 'etag' | 'createdAt' | 'dueAt' | 'comparison'>,
): PromptFile => newFile({ ...own, key: comparisonKey(own.id) });

/** Messages intake. An error is only logged: the comparison is accepted, and the sweep sends the message again. */
const messageIntake = async (id: string, { fileQueue, log }: CreateComparisonDeps): Promise<void> => {
  try {
    await fileQueue.send({ type: 'file', file_id: id });
  } catch (error) {
    log.warn('comparison.delayed', { comparison_id: id, ...errorFields(error) });
  }
};
