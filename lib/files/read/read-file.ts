import type { BudgetStore } from '../../budget/ports.ts';
import { InvalidInputError, withPaths } from '../../errors.ts';
import { readEarlierOutputs } from '../../estimate/earlier-outputs.ts';
import type { EstimatePricing } from '../../estimate/generation.ts';
import { halfPriced, makeTally } from '../../estimate/tally.ts';
import { viewTaken } from '../../estimate/view.ts';
import { canonicalJson, sha256Hex } from '../../json/canonical-json.ts';
import { dropAbsent, jsonBytes } from '../../json/value.ts';
import type { KeyStore } from '../../keys/api-key.ts';
import type { ReadListDeps } from '../../runs/list/read.ts';
import type { RequestDefaults, RunRequest } from '../../runs/request.ts';
import { type Template, withTexts } from '../../runs/template.ts';
import { refuseForBatch } from '../batch/input.ts';
import { type EmbeddingModel, isOfEmbeddings, makeEmbeddingsLines } from '../embeddings/lines.ts';
import type { FileDefaults, SourceHead } from '../formats/source-record.ts';
import { type FileLease, type FileLeaseDeps, handOver, isFinal } from '../lease.ts';
import { FILE_DUE, FILE_LIMITS, RESERVE_MS } from '../limits.ts';
import { type FileLineEntry, type PromptFile, templateKey } from '../prompt-file.ts';
import { type EndFileDeps, recordFailure, workOnFile } from '../results/end-file.ts';
import { type SendBlocksDeps, sendBlocks } from '../work/blocks.ts';
import { type LineParser, makeLineParser } from '../work/line-run.ts';
import { type BlockLine, makeBlockWriter, makeOccurrences, type Written } from './block-writer.ts';
import { openRecords, type ReadLine, type ReadSource } from './open-records.ts';
import { isComparison, readPlannedLines } from './planned-lines.ts';
import { loadProgress, saveHead, saveProgress } from './progress.ts';

export type ReadFileDeps = SendBlocksDeps &
  EndFileDeps &
  FileLeaseDeps &
  ReadListDeps &
  EstimatePricing & {
    readSource: ReadSource;
    budgets: Pick<BudgetStore, 'get'>;
    keys: Pick<KeyStore, 'get'>;
    defaults: RequestDefaults;
    embeddingModel: EmbeddingModel;
    /** Milliseconds left in this invocation. */
    remainingMs: () => number;
  };

/** The delay of the lines after a plan's first group (a comparison's warm-ups). */
const GROUP_DELAY_SECONDS = 3;

/**
 * Reads a file of status `reading`: writes its lines into blocks, then sends the first blocks. Nothing is sent before
 * the whole file is read. A file that cannot be read as prompts gets its error as its result at once. When the
 * invocation runs out of time, it saves a checkpoint and another one resumes (`.jsonl` and `.csv` only). After five
 * attempts that ended without a checkpoint, the file ends as `attempts_exhausted`.
 */
export const readFile = (file: PromptFile, deps: ReadFileDeps): Promise<void> =>
  workOnFile(file, 'reading', deps, async (lease) => {
    try {
      await (isComparison(file) ? readPlan(lease, deps) : readSource(lease, deps));
    } catch (error) {
      if (!isFinal(error)) throw error;
      await recordFailure(lease, { code: error.code, message: error.message }, deps);
    }
  });

const readSource = async (lease: FileLease, deps: ReadFileDeps): Promise<void> => {
  const { file } = lease;
  const { content, limits = FILE_LIMITS } = deps;
  const progress = await loadProgress(file.id, content);
  const { head, lines, customIds, isResumable } = await openRecords(file, progress, deps);
  if (head.defaults?.mode === 'batch') await refuseBudgeted(file, deps);
  const writer = makeBlockWriter(file.id, limits, deps, progress?.writer);
  const occurrences = makeOccurrences(progress?.occurrences);
  const parser = makeLineParser(deps.defaults, progress?.checks);
  // Without a whole beginning, as of an earlier version's checkpoint, there is no estimate of the whole.
  const isWhole = !progress || progress.estimate !== undefined;
  const embeddings = isOfEmbeddings(file)
    ? makeEmbeddingsLines(deps.embeddingModel, progress?.inputs)
    : undefined;
  const earlierOf = await readEarlierOutputs(file.caller, deps);
  const tally = makeTally({ ...deps, earlierOf }, progress?.estimate);
  const toBlockLine =
    embeddings?.blockLineOf ??
    makeBlockLineOf(head, { occurrenceOf: occurrences.next, parser, accept: tally.add }, deps);
  for await (const line of lines) {
    await lease.renew();
    await writer.add(await toBlockLine(line));
    if (!isResumable || deps.remainingMs() > RESERVE_MS) continue;
    const state = { from: line.next, head, customIds: customIds() };
    await saveProgress(
      file.id,
      {
        ...state,
        occurrences: occurrences.seen(),
        checks: parser.seen(),
        writer: writer.state(),
        ...(isWhole && { estimate: tally.state() }),
        ...(embeddings && { inputs: embeddings.inputs() }),
      },
      content,
    );
    await handOver(lease, FILE_DUE.underWay, deps);
    return;
  }
  const written = await writer.end();
  await saveHead(file.id, head, content);
  const template = templateOf(head);
  if (template) await content.put(templateKey(file.id), JSON.stringify(template), 'application/json');
  const total = tally.total();
  const priced = head.defaults?.mode === 'batch' ? halfPriced(total) : total;
  await startGenerating(
    lease,
    { ...written, estimate: isWhole && !embeddings ? viewTaken(priced) : null },
    head.defaults,
    deps,
  );
};

/** Refuses batch mode for a caller with a daily budget: a batch is paid before its runs exist to be counted. */
const refuseBudgeted = async ({ caller }: PromptFile, { budgets }: ReadFileDeps): Promise<void> => {
  if ((await budgets.get(caller)) === undefined) return;
  const message =
    'cannot be "batch" for a caller with a daily budget, since a batch cannot be held to it; leave mode out';
  throw new InvalidInputError([{ path: 'mode', message }], { code: 'bad_defaults' });
};

const readPlan = async (lease: FileLease, deps: ReadFileDeps): Promise<void> => {
  const groups = await readPlannedLines(lease.file, deps.content);
  const writer = makeBlockWriter(lease.file.id, deps.limits ?? FILE_LIMITS, deps);
  const parser = makeLineParser(deps.defaults);
  for (const [at, group] of groups.entries()) {
    for (const planned of group) {
      const entry = await checkLine(planned, planned.body, { parser, accept: () => {} }, undefined, deps);
      const line: BlockLine = {
        entry,
        size: jsonBytes(planned),
        delaySeconds: at > 0 ? GROUP_DELAY_SECONDS : 0,
      };
      await writer.add(line);
    }
  }
  await startGenerating(lease, { ...(await writer.end()), estimate: null }, null, deps);
};

/** Defaults of fewer bytes are repeated in each line, which then needs no other object. */
const SHARED_FROM_BYTES = 1024;

/** The request fields that a file's lines share, if they are to be stored once; undefined for small ones. */
const templateOf = ({ defaults }: SourceHead): Template | undefined =>
  defaults && jsonBytes(defaults.request) > SHARED_FROM_BYTES ? defaults.request : undefined;

/** Makes the function that turns a line that was read into a line of a block: its request whole, or what it adds. */
const makeBlockLineOf = (
  head: SourceHead,
  { occurrenceOf, ...checking }: Checking & { occurrenceOf: (text: string) => number },
  deps: ReadFileDeps,
): ((read: ReadLine) => Promise<BlockLine>) => {
  const mode = head.defaults?.mode;
  const isShared = templateOf(head) !== undefined;
  return async ({ request }) => {
    const { line, body, addition, error, customId, response, columns, pathOf } = request;
    const given = dropAbsent({ custom_id: customId, response, columns });
    const check = (entry: FileLineEntry, made: object) =>
      checkLine(entry, made, { ...checking, pathOf }, mode, deps);
    if (body === null || error) {
      const refused: FileLineEntry = { line, occurrence: 0, body: null, ...given, ...(error && { error }) };
      return { entry: refused, size: jsonBytes(refused), delaySeconds: 0 };
    }
    if (isShared && addition) {
      // Equal requests have equal digests of their texts, which are hashed faster than they are written as JSON.
      const occurrence = occurrenceOf(canonicalJson(withTexts(body, sha256Hex)));
      const entry: FileLineEntry = { line, occurrence, addition, ...given };
      // A batch is sent whole blocks, with the template in each line.
      const size = jsonBytes(mode === 'batch' ? body : entry);
      return { entry: await check(entry, body), size, delaySeconds: 0 };
    }
    const json = canonicalJson(body);
    const entry: FileLineEntry = { line, occurrence: occurrenceOf(json), body, ...given };
    const size = Buffer.byteLength(json) + (columns ? jsonBytes(columns) : 0);
    return { entry: await check(entry, body), size, delaySeconds: 0 };
  };
};

/** Checks lines as requests, and is told those that are accepted. */
type Checking = {
  parser: LineParser;
  accept: (request: RunRequest) => unknown;
  /** The path in the line of a path of its request. */
  pathOf?: ((path: string) => string) | undefined;
};

/** Returns the line, or in its place the error that refuses its request `body`. A refused line is never sent. */
const checkLine = async (
  entry: FileLineEntry,
  body: FileLineEntry['body'],
  { parser, accept, pathOf = (path) => path }: Checking,
  mode: FileDefaults['mode'],
  { defaults }: ReadFileDeps,
): Promise<FileLineEntry> => {
  try {
    const request = await parser.parse({ body });
    if (mode === 'batch') refuseForBatch(request, defaults);
    accept(request);
    return entry;
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    const { code, message, issues } = withPaths(error, pathOf);
    const { addition: _, ...rest } = entry;
    return { ...rest, body: null, error: { code, message, errors: issues } };
  }
};

const startGenerating = async (
  { file, token }: FileLease,
  written: Written & Pick<PromptFile, 'estimate'>,
  defaults: FileDefaults | null,
  deps: ReadFileDeps,
): Promise<void> => {
  const now = deps.clock.now();
  const isBatch = defaults?.mode === 'batch' && !defaults.dry_run;
  const generating = await deps.files.change(
    file.id,
    {
      status: 'generating',
      ...written,
      rerun: defaults?.rerun ?? false,
      dryRun: defaults?.dry_run ?? false,
      maxCostUsd: defaults?.max_cost_usd ?? null,
      batch: isBatch ? [] : null,
      generatingAt: new Date(now).toISOString(),
      lease: null,
      attempts: 0,
      dueAt: now + FILE_DUE.underWay,
      dueTries: 0,
    },
    { status: ['reading'], leaseToken: token },
  );
  if (!generating) return;
  const { blocks, lines, refused } = written;
  deps.log.info('file.accepted', { file_id: file.id, blocks, lines, refused });
  // Submitting a batch takes long, so it gets an invocation of its own.
  if (isBatch) await deps.fileQueue.send({ type: 'file', file_id: file.id });
  else await sendBlocks(generating, deps);
};
