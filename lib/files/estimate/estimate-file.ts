import { inBatches } from '../../async/in-batches.ts';
import { readBudget } from '../../budget/daily.ts';
import { ConflictError, codeOf, cutText, InvalidInputError } from '../../errors.ts';
import { readEarlierOutputs } from '../../estimate/earlier-outputs.ts';
import type { EstimatePricing, Taken } from '../../estimate/generation.ts';
import { combine, mapRange, type Range, sumOf, ZERO } from '../../estimate/ranges.ts';
import { halfPriced, makeTally, scaled } from '../../estimate/tally.ts';
import {
  type BudgetVerdict,
  basisOf,
  budgetVerdict,
  type Fits,
  fitsBy,
  type TakenView,
  viewTaken,
  whole,
} from '../../estimate/view.ts';
import { GENERATIONS_AT_ONCE } from '../../estimate/wall-time.ts';
import { canonicalJson } from '../../json/canonical-json.ts';
import { isObject } from '../../json/value.ts';
import type { LimitsOf } from '../../limits/caller-limits.ts';
import type { ReadListDeps } from '../../runs/list/read.ts';
import type { RequestDefaults, RunRequest } from '../../runs/request.ts';
import { isAnswered } from '../../runs/run.ts';
import { refuseForBatch } from '../batch/input.ts';
import { isOfEmbeddings } from '../embeddings/lines.ts';
import type { FileDefaults, LineRequest } from '../formats/source-record.ts';
import { addErrors, errorsOf, type LineErrors } from '../line-errors.ts';
import { makeOccurrences } from '../read/block-writer.ts';
import { openRecords } from '../read/open-records.ts';
import { findLineRun, makeLineParser } from '../work/line-run.ts';
import { type EstimatedSource, type EstimatedSourceDeps, findEstimated } from './estimated-source.ts';

/** The expected tokens, cost and time of a prompt file. Lines whose result is there already are in none of these. */
export type FileEstimate = TakenView & {
  object: 'file.estimate';
  /** Whether the whole file was read; if not, the rest is taken to be like the part that was. */
  complete: boolean;
  lines: number;
  accepted: number;
  refused: number;
  /** Accepted lines with a result of an earlier file, which are not paid again. */
  reused: number;
  generations: number;
  /** The models whose price is unknown. */
  unpriced: string[];
  models: (TakenView & { model: string; generations: number; earlier_outputs: number })[];
  /** Refused lines of the part that was read. */
  errors: LineErrors[];
  /** Why the file could not be read as prompts. */
  error: { code: string; message: string } | null;
  previews: { line: number; text: string }[];
  max_cost_usd: { limit: number; covers: Fits } | null;
  budget: BudgetVerdict | null;
  /** From the first line to the last; null for a file of `mode: "batch"`. */
  wall_time_ms: Range | null;
  lines_at_once: number;
  based_on: string[];
};

export type EstimateFileDeps = EstimatedSourceDeps &
  ReadListDeps &
  EstimatePricing &
  Parameters<typeof readBudget>[1] & {
    limitsOf: LimitsOf;
    /** Jobs that the deployment generates at once; null when it is not known. */
    workers: number | null;
    defaults: RequestDefaults;
    bucket: string;
  };

/** How much of a file is read: the answer must come within seconds. */
const MOST = { lines: 20_000, ms: 10_000 };
const PREVIEWS = 3;
const PREVIEW_CHARACTERS = 300;
/** Lines at once where nothing limits them: those that a file begins with. */
const FIRST_LINES = 10;

/**
 * Estimates what a prompt file would take, without generating or storing anything: of an uploaded one, of one in the
 * bucket, or of a text. Of a file that would take longer than seconds it reads the beginning.
 * @throws {InvalidInputError}, {NotFoundError}, {ConflictError} as `findEstimated` does.
 */
export const estimateFile = async (
  body: unknown,
  caller: string,
  deps: EstimateFileDeps,
  most = MOST,
): Promise<FileEstimate> => {
  const [source, earlierOf, budget, limits] = await Promise.all([
    findEstimated(body, caller, deps).then((found) => withoutEmbeddings(found, body)),
    readEarlierOutputs(caller, deps),
    readBudget(caller, deps),
    deps.limitsOf(caller),
  ]);
  const part = await readPart(source, { ...deps, earlierOf }, most);
  const isBatch = part.fileDefaults?.mode === 'batch';
  const of = <T extends Taken>(taken: T): T => {
    const all = scaled(taken, part.times);
    return isBatch ? halfPriced(all) : all;
  };
  const count = (lines: number): number => Math.round(lines * part.times);
  const total = of(part.tally.total());
  const models = part.tally.models().map(of);
  const toGenerate = count(part.accepted - part.reused);
  const linesAtOnce = Math.min(Math.max(1, toGenerate), limits.jobs ?? deps.workers ?? FIRST_LINES);
  const unpriced = models.filter(({ costUsd }) => costUsd === null).map(({ model }) => model);
  const maxCost = part.fileDefaults?.max_cost_usd;
  return {
    object: 'file.estimate',
    complete: part.isComplete,
    lines: count(part.lines),
    accepted: count(part.accepted),
    refused: count(part.lines - part.accepted),
    reused: count(part.reused),
    generations: models.reduce((sum, { generations }) => sum + count(generations), 0),
    ...viewTaken(total),
    unpriced,
    models: models.map(({ model, generations, ...taken }) => ({
      model,
      generations: count(generations),
      ...viewTaken(taken),
      earlier_outputs: earlierOf(model)?.outputs ?? 0,
    })),
    errors: part.errors,
    error: part.error,
    previews: part.previews,
    max_cost_usd: maxCost === undefined ? null : { limit: maxCost, covers: coveredBy(maxCost, total) },
    budget: budget && budgetVerdict(budget, total),
    wall_time_ms: isBatch ? null : whole(wallTimeOf(part, linesAtOnce)),
    lines_at_once: linesAtOnce,
    based_on: [
      ...basisOf(
        models.map(({ model }) => model),
        unpriced,
        earlierOf,
      ),
      isBatch
        ? 'Time: the Batch API answers within 24 hours, mostly much sooner, at half the price.'
        : `Time: ${linesAtOnce} ${linesAtOnce === 1 ? 'line' : 'lines'} at once, with up to ${GENERATIONS_AT_ONCE} generations of each; other work in the queue makes it longer.`,
      ...(part.isComplete
        ? []
        : [
            `Read were ${part.lines} ${part.lines === 1 ? 'line' : 'lines'}, ${Math.round(100 / part.times)} % of the file; the rest is taken to be like these.`,
          ]),
    ],
  };
};

const withoutEmbeddings = (source: EstimatedSource, body: unknown): EstimatedSource => {
  if (!isOfEmbeddings(source.file)) return source;
  const message =
    'is a batch of embeddings, of which there are no estimates; its tokens are those of its inputs, at the price of the embedding model';
  const path = isObject(body) && body.file_id !== undefined ? 'file_id' : 'key';
  throw new InvalidInputError([{ path, message }]);
};

const coveredBy = (maxCost: number, { costUsd }: Taken): Fits =>
  fitsBy((bound) => costUsd !== null && costUsd[bound] <= maxCost);

/** Lines one after another in as many places, and at least as long as the longest of them. */
const wallTimeOf = ({ lineMs, longestMs, times }: Part, linesAtOnce: number): Range => {
  const spread = mapRange(lineMs, (ms) => (ms * times) / linesAtOnce);
  return combine([spread, longestMs], (values) => Math.max(...values));
};

/** The part of a file that was read; the whole is `times` as much. */
type Part = {
  isComplete: boolean;
  times: number;
  lines: number;
  accepted: number;
  reused: number;
  errors: LineErrors[];
  error: FileEstimate['error'];
  previews: FileEstimate['previews'];
  fileDefaults: FileDefaults | null;
  tally: ReturnType<typeof makeTally>;
  /** The sum of the times of all lines to be generated, and the longest of them. */
  lineMs: Range;
  longestMs: Range;
};

type PartDeps = EstimateFileDeps & Parameters<typeof makeTally>[0];

const readPart = async (source: EstimatedSource, deps: PartDeps, most: typeof MOST): Promise<Part> => {
  const part: Part = {
    isComplete: true,
    times: 1,
    lines: 0,
    accepted: 0,
    reused: 0,
    errors: [],
    error: null,
    previews: [],
    fileDefaults: null,
    tally: makeTally(deps),
    lineMs: ZERO,
    longestMs: ZERO,
  };
  try {
    await addLines(part, source, deps, most);
  } catch (error) {
    if (codeOf(error) === 'source_gone')
      throw new ConflictError('the file was deleted or replaced while it was read; ask again');
    if (!(error instanceof InvalidInputError)) throw error;
    part.error = { code: error.code, message: error.message };
  }
  return part;
};

/** Lines whose runs are looked for together. */
const AT_ONCE = 64;

const addLines = async (
  part: Part,
  { file, defaults, readSource }: EstimatedSource,
  deps: PartDeps,
  most: typeof MOST,
): Promise<void> => {
  const { clock } = deps;
  const until = clock.now() + most.ms;
  const { head, lines, isResumable } = await openRecords(
    file,
    undefined,
    { readSource, content: deps.content },
    { defaults },
  );
  part.fileDefaults = head.defaults;
  const rerun = head.defaults?.rerun ?? false;
  const check = makeCheck(part, head.defaults, deps);
  let waiting: Checked[] = [];
  const addWaiting = async (): Promise<void> => {
    const answered = rerun
      ? []
      : await inBatches(waiting, AT_ONCE, async (line) => {
          const { run } = await findLineRun(file, line, deps);
          return run !== undefined && isAnswered(run);
        });
    for (const [at, { request }] of waiting.entries())
      if (answered[at]) part.reused += 1;
      else addTime(part, part.tally.add(request), request);
    waiting = [];
  };
  let uncounted = 0;
  for await (const { request: record, next } of lines) {
    if (!part.isComplete) {
      uncounted += 1;
      continue;
    }
    part.lines += 1;
    const checked = await check(record);
    if (checked) waiting.push(checked);
    if (waiting.length >= AT_ONCE) await addWaiting();
    if (part.lines < most.lines && clock.now() < until) continue;
    part.isComplete = false;
    // A file that is held whole tells its lines at no cost.
    if (!isResumable) continue;
    part.times = file.size / next.byte;
    break;
  }
  if (uncounted === 0 && part.times === 1) part.isComplete = true;
  if (uncounted > 0) part.times = (part.lines + uncounted) / part.lines;
  await addWaiting();
};

const addTime = (part: Part, oneAfterAnother: Range, { settings, samples }: RunRequest): void => {
  const atOnce = Math.min(GENERATIONS_AT_ONCE, settings.length * samples);
  const time = mapRange(oneAfterAnother, (ms) => ms / atOnce);
  part.lineMs = sumOf([part.lineMs, time]);
  part.longestMs = combine([part.longestMs, time], (values) => Math.max(...values));
};

type Checked = { line: number; occurrence: number; body: unknown; request: RunRequest };

/** Makes the check of one record after another: its request, or undefined for a refused one, whose error it counts. */
const makeCheck = (part: Part, fileDefaults: FileDefaults | null, { defaults }: PartDeps) => {
  const occurrences = makeOccurrences();
  const parser = makeLineParser(defaults);
  const refuse = (line: number, code: string): undefined => {
    part.errors = addErrors([...part.errors, ...errorsOf([{ line, code }])]);
  };
  return async ({ line, body, error }: LineRequest): Promise<Checked | undefined> => {
    if (body === null || error) return refuse(line, error?.code ?? 'invalid_input');
    const occurrence = occurrences.next(canonicalJson(body));
    try {
      const request = await parser.parse({ body });
      if (fileDefaults?.mode === 'batch') refuseForBatch(request, defaults);
      part.accepted += 1;
      if (part.previews.length < PREVIEWS) part.previews.push({ line, text: previewOf(request) });
      return { line, occurrence, body, request };
    } catch (refusal) {
      if (refusal instanceof InvalidInputError) return refuse(line, refusal.code);
      throw refusal;
    }
  };
};

const previewOf = ({ messages }: RunRequest): string =>
  cutText(messages.at(-1)?.content ?? '', PREVIEW_CHARACTERS);
