import { type FileCounts, noCounts } from '../../files/counts.ts';
import { type Block, type LineAnswer, newFile, type PromptFile } from '../../files/prompt-file.ts';
import { own } from '../../json/value.ts';
import { leaseOf } from './update.ts';

type Item = Record<string, unknown>;

const COUNTS: Record<keyof FileCounts, string> = {
  completed: 'n_completed',
  failed: 'n_failed',
  skipped: 'n_skipped',
  reused: 'n_reused',
  generations: 'n_generations',
  promptTokens: 'prompt_tokens',
  completionTokens: 'completion_tokens',
  costNano: 'cost_nano',
  reusedCostNano: 'reused_cost_nano',
  unpriced: 'n_unpriced',
};
const COUNT_NAMES = Object.keys(COUNTS) as (keyof FileCounts)[];

/** Maps counts to the names of their attributes; a missing count is 0. */
export const countNames = (counts: Partial<FileCounts>): Record<string, number> =>
  Object.fromEntries(COUNT_NAMES.map((name) => [COUNTS[name], counts[name] ?? 0]));

const countsOf = (item: Item): FileCounts => {
  const counts = noCounts();
  for (const name of COUNT_NAMES) counts[name] = (own(item, COUNTS[name]) as number | undefined) ?? 0;
  return counts;
};

/** The file item's attributes at creation, without keys and due time. Fields that are only set later are left out. */
export const fileAttributes = (file: PromptFile): Item => ({
  id: file.id,
  caller: file.caller,
  ...(file.apiKey !== null && { api_key: file.apiKey }),
  key: file.key,
  ...(file.lineKey !== null && { line_key: file.lineKey }),
  ...(file.retryOf !== null && { retry_of: file.retryOf }),
  ...(file.rerunAs !== null && { rerun_as: file.rerunAs }),
  ...(file.openaiBatch && { openai_batch: file.openaiBatch }),
  etag: file.etag,
  sequencer: file.sequencer,
  size: file.size,
  status: file.status,
  created_at: file.createdAt,
  ...(file.hasSidecar && { has_sidecar: true }),
  ...(file.comparison && { comparison: file.comparison }),
  lines: file.lines,
  blocks: file.blocks,
  sent_blocks: file.sentBlocks,
  due_tries: file.dueTries,
});

/** A tombstone's attributes, without keys. */
export const buriedFile = ({ id, caller, createdAt, sequencer, etag }: PromptFile): Item => ({
  id,
  caller,
  status: 'deleted',
  created_at: createdAt,
  sequencer,
  // Of a comparison it is the hash of the request, by which an Idempotency-Key is recognised.
  ...(id.startsWith('cmp_') && { etag }),
});

/**
 * A file's errors as one string, null for none. A string and not a list, so that a condition compares plain values
 * (dynalite does not compare lists).
 */
export const errorsAttribute = (errors: PromptFile['errors']): string | null =>
  errors.length > 0 ? JSON.stringify(errors) : null;

export const fileOf = (item: Item | undefined): PromptFile | undefined =>
  item &&
  newFile({
    id: item.id as string,
    caller: item.caller as string,
    apiKey: (item.api_key as string | undefined) ?? null,
    // A tombstone has neither of these, nor the three numbers.
    key: (item.key as string | undefined) ?? '',
    lineKey: (item.line_key as string | undefined) ?? null,
    retryOf: (item.retry_of as string | undefined) ?? null,
    rerunAs: (item.rerun_as as string | undefined) ?? null,
    retriedAs: (item.retried_as as string | undefined) ?? null,
    openaiBatch: (item.openai_batch as PromptFile['openaiBatch'] | undefined) ?? null,
    etag: (item.etag as string | undefined) ?? '',
    sequencer: item.sequencer as string,
    size: (item.size as number | undefined) ?? 0,
    status: item.status as PromptFile['status'],
    createdAt: item.created_at as string,
    hasSidecar: item.has_sidecar === true,
    lines: (item.lines as number | undefined) ?? 0,
    refused: (item.refused as number | undefined) ?? 0,
    blocks: (item.blocks as number | undefined) ?? 0,
    rerun: item.rerun === true,
    dryRun: item.dry_run === true,
    maxCostUsd: (item.max_cost_usd as number | undefined) ?? null,
    estimate: (item.estimate as PromptFile['estimate'] | undefined) ?? null,
    generatingAt: (item.generating_at as string | undefined) ?? null,
    sentBlocks: (item.sent_blocks as number | undefined) ?? 0,
    fullBlocks: membersOf(item.full_blocks),
    counts: countsOf(item),
    errors: JSON.parse((item.line_errors as string | undefined) ?? '[]'),
    pace: (item.pace as PromptFile['pace'] | undefined) ?? [],
    stopped: (item.stopped as PromptFile['stopped'] | undefined) ?? null,
    batch: (item.batch as PromptFile['batch'] | undefined) ?? null,
    endedAt: (item.ended_at as string | undefined) ?? null,
    lease: leaseOf(item),
    attempts: (item.attempts as number | undefined) ?? 0,
    pending: item.pending === true,
    dueAt: (item.due_at as number | undefined) ?? null,
    dueTries: (item.due_tries as number | undefined) ?? 0,
    error: (item.error as PromptFile['error'] | undefined) ?? null,
    purge: (item.purge as PromptFile['purge'] | undefined) ?? null,
    comparison: (item.comparison as PromptFile['comparison'] | undefined) ?? null,
  });

/** Prefix of the attributes that hold one line's error each, so that a write can add one without reading the others. */
export const LINE_ERROR = 'error_';

/** Prefix of the attributes that hold one line's answer each. */
export const LINE_ANSWER = 'answer_';

/** Prefix of the attributes that count how often a line was tried again. */
export const LINE_TRIES = 'tries_';

/** Prefix of the sets of lines that failed, by the code of their error. */
export const FAILED_AS = 'failed_as_';

/** The attributes whose names begin with a prefix, by the rest of their names. */
const withPrefix = (item: Item, prefix: string): [string, unknown][] =>
  Object.entries(item)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, value]) => [name.slice(prefix.length), value]);

const errorsOf = (item: Item): Block['errors'] =>
  Object.fromEntries(
    withPrefix(item, LINE_ERROR).map(([line, error]) => [line, error as Block['errors'][number]]),
  );

export const answerAttribute = ({ token, bytes, isReused }: LineAnswer): Item => ({
  token,
  bytes,
  ...(isReused && { reused: true }),
});

const answersOf = (item: Item): Block['answers'] =>
  Object.fromEntries(
    withPrefix(item, LINE_ANSWER).map(([line, stored]) => {
      const { token, bytes, reused } = stored as { token: string; bytes: number; reused?: true };
      return [line, { token, bytes, ...(reused && { isReused: true }) }];
    }),
  );

const failedOf = (item: Item): Block['failed'] =>
  Object.fromEntries(withPrefix(item, FAILED_AS).map(([code, lines]) => [code, membersOf(lines)]));

/** The block item's attributes for its creation, without keys and due time. */
export const blockAttributes = (block: Block): Item => ({
  file_id: block.fileId,
  number: block.number,
  first_line: block.firstLine,
  last_line: block.lastLine,
  lines: block.lines,
  ...(block.delaySeconds > 0 && { delay_seconds: block.delaySeconds }),
  sent: block.sent,
  // DynamoDB does not allow empty sets.
  ...(block.done.length > 0 && { done: new Set(block.done) }),
  due_tries: block.dueTries,
});

export const blockOf = (item: Item | undefined): Block | undefined =>
  item && {
    fileId: item.file_id as string,
    number: item.number as number,
    firstLine: item.first_line as number,
    lastLine: item.last_line as number,
    lines: item.lines as number,
    delaySeconds: (item.delay_seconds as number | undefined) ?? 0,
    // Blocks from before there was a count were sent whole.
    sent: (item.sent as number | undefined) ?? (item.lines as number),
    done: membersOf(item.done),
    skipped: membersOf(item.skipped),
    errors: errorsOf(item),
    answers: answersOf(item),
    failed: failedOf(item),
    counts: countsOf(item),
    dueAt: (item.due_at as number | undefined) ?? null,
    dueTries: (item.due_tries as number | undefined) ?? 0,
  };

const membersOf = (set: unknown): number[] => [...((set as Set<number> | undefined) ?? [])];
