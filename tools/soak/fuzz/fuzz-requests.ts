import { type FuzzAnswer, makeAnswerCheck } from './check-answer.ts';
import { type Draw, makeDraw } from './draw.ts';
import {
  drawRefused,
  drawSpoiled,
  drawValid,
  type FuzzRequest,
  type KnownIds,
  operationsOf,
} from './draw-request.ts';
import type { Json } from './draw-value.ts';

export type RequestTarget = {
  send(request: FuzzRequest): Promise<FuzzAnswer>;
  /** Resolves when all accepted work has ended. */
  settle(): Promise<void>;
  /** The stored state: a text (or its hash) for each place. Two texts differ when the stored values differ. */
  snapshot(): Promise<Map<string, string>>;
};

export type RequestFuzz = {
  seed: number;
  requests: number;
  /** Concurrent requests. */
  lanes: number;
  /** Requests between two snapshots of the stored state; 1 checks each request alone. */
  batch: number;
  document: Json;
  /** How many requests come first in batches of valid and spoiled ones alone, without a look at the stored state. */
  mixedFirst?: number;
  /** Called once, before the stored state is compared for the first time. */
  onCompare?: () => void;
  /** Ids of existing prompt files. */
  files?: readonly string[];
  /** Called with each violation as soon as it is found. */
  onBroken?: (what: string) => void;
  /** Called after each batch. */
  onBatch?: (report: RequestReport) => void;
};

export type RequestReport = {
  sent: number;
  /** Batches of refusals and reads alone, whose stored state was compared before and after. */
  compared: number;
  /** Refusals in those batches. */
  refusalsCompared: number;
  /** Counts by `METHOD /path`, then status. */
  statuses: Map<string, Map<number, number>>;
  faults: Map<string, number>;
  /** Runs named in an answer below 400 or created with one above it, and runs whose deletion was answered with 204. */
  accepted: Set<string>;
  deleted: Set<string>;
  /** Violations, each with the request that shows it. */
  broken: string[];
};

const VALID_SHARE = 0.5;
/** One batch of valid and spoiled requests is followed by two of spoiled requests alone. */
const ROUNDS = 3;
const MOST_BROKEN = 20;
const MOST_KNOWN = 40;
const STREAM = 100; // request n draws from stream `STREAM + n`; the rest of a soak uses the streams below

/**
 * Sends drawn requests to a target: batches of valid and spoiled requests, and between them batches of spoiled requests
 * alone, whose stored state is compared before and after. Stops early after 20 violations.
 */
export const fuzzRequests = async (fuzz: RequestFuzz, target: RequestTarget): Promise<RequestReport> => {
  const {
    seed,
    requests,
    lanes,
    batch,
    document,
    mixedFirst = 0,
    files = [],
    onCompare = () => {},
    onBroken = () => {},
    onBatch = () => {},
  } = fuzz;
  const operations = operationsOf(document);
  const withBody = operations.filter(({ body }) => body);
  const check = makeAnswerCheck(document);
  const known: KnownIds = { runs: [], comparisons: [], files: [...files] };
  const report: RequestReport = {
    ...{ sent: 0, compared: 0, refusalsCompared: 0, statuses: new Map(), faults: new Map() },
    ...{ accepted: new Set(), deleted: new Set(), broken: [] },
  };

  const complain = (what: string, number: number, request?: FuzzRequest): void => {
    const text = `seed ${seed}, request ${number}: ${what}${request ? `\n  ${printed(request)}` : ''}`;
    report.broken.push(text);
    onBroken(text);
  };

  const drawOne = (number: number, isMixed: boolean): { request: FuzzRequest; route: string } => {
    const draw: Draw = makeDraw(seed, STREAM + number);
    const operation = draw.pick(draw.chance(0.5) ? withBody : operations);
    const isValid = isMixed && draw.chance(VALID_SHARE);
    const make = isValid ? drawValid : isMixed ? drawSpoiled : drawRefused;
    return {
      request: make(operation, document, draw, known),
      route: `${operation.method} ${operation.path}`,
    };
  };

  const sendOne = async (number: number, isMixed: boolean): Promise<Sent> => {
    const { request, route } = drawOne(number, isMixed);
    try {
      const answer = await target.send(request);
      for (const what of check(request, answer)) complain(what, number, request);
      count(report, route, request, answer);
      rememberIds(report, known, request, answer);
      return { number, request, answer };
    } catch (error) {
      complain(`no answer: ${error}`, number, request);
      return { number, request, answer: undefined };
    }
  };

  const sendBatch = async (numbers: number[], isMixed: boolean): Promise<Sent[]> => {
    const sent: Sent[] = [];
    const lane = async () => {
      for (let number = numbers.shift(); number !== undefined; number = numbers.shift())
        sent.push(await sendOne(number, isMixed));
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return sent;
  };

  let before: Map<string, string> | undefined;
  let round = 0;
  while (report.sent < requests && report.broken.length < MOST_BROKEN) {
    const isFirst = report.sent < mixedFirst;
    const isMixed = isFirst || round % ROUNDS === 0;
    if (!isFirst && round === 0) onCompare();
    if (!isFirst) round += 1;
    const length = Math.min(batch, (isFirst ? mixedFirst : requests) - report.sent);
    const numbers = Array.from({ length }, (_, at) => report.sent + at);
    if (!isMixed && !before) {
      await target.settle();
      before = await target.snapshot();
    }
    report.sent += length;
    const sent = await sendBatch(numbers, isMixed);
    if (before && sent.every(changesNothing)) {
      const after = await target.snapshot();
      const different = differenceOf(before, after);
      if (different.length > 0) {
        const [first] = sent;
        const all = sent.map((each) => `${each.number}: ${printed(each.request)} -> ${each.answer?.status}`);
        const what = `refusals and reads changed ${different.slice(0, 5).join(', ')}:\n${all.slice(0, 40).join('\n')}`;
        complain(what, first?.number ?? 0);
      }
      report.compared += 1;
      report.refusalsCompared += sent.filter(({ answer }) => (answer?.status ?? 0) >= 400).length;
      before = after;
    } else before = undefined;
    onBatch(report);
  }
  await target.settle();
  return report;
};

type Sent = { number: number; request: FuzzRequest; answer: FuzzAnswer | undefined };

/** The id of the run that a request created or repeated. A run can fail with a 4xx, such as the model server's 400. */
const runOf = ({ method, path }: FuzzRequest, { headers }: FuzzAnswer): string | undefined =>
  method === 'POST' && isAsking(path) ? (headers.get('x-everytoken-run-id') ?? undefined) : undefined;

/** Whether a POST to this path asks for a run. */
export const isAsking = (path: string): boolean =>
  /^\/(runs|v1\/chat\/completions|v1\/responses)\/?(\?|$)/.test(path);

/** True for refusals and reads. Reads of comparisons are excluded: the first one after the end stores how it ended. */
const changesNothing = ({ request, answer }: Sent): boolean => {
  if (!answer || runOf(request, answer) !== undefined) return false;
  const { status } = answer;
  const isGet = ['GET', 'HEAD', 'OPTIONS'].includes(request.method);
  const isRead = isGet
    ? !request.path.startsWith('/comparisons')
    : /^\/(search|comparisons\/estimate)/.test(request.path);
  return (status >= 400 && status < 500) || (status < 400 && isRead);
};

const count = (
  { statuses, faults }: RequestReport,
  route: string,
  { fault }: FuzzRequest,
  answer: FuzzAnswer,
) => {
  const ofRoute = statuses.get(route) ?? new Map<number, number>();
  ofRoute.set(answer.status, (ofRoute.get(answer.status) ?? 0) + 1);
  statuses.set(route, ofRoute);
  faults.set(fault, (faults.get(fault) ?? 0) + 1);
};

const rememberIds = (report: RequestReport, known: KnownIds, request: FuzzRequest, answer: FuzzAnswer) => {
  const { status, headers, body } = answer;
  const run = runOf(request, answer);
  if (run !== undefined) report.accepted.add(run);
  if (status >= 400) return;
  const id = headers.get('x-everytoken-run-id');
  if (id !== null) {
    report.accepted.add(id);
    if (status !== 204) known.runs.push(id);
    else report.deleted.add(id);
  }
  const comparison = /"id":\s*"(cmp_\w+)"/.exec(body)?.[1];
  if (comparison !== undefined && status === 202) known.comparisons.push(comparison);
  // Keeps the latest ids, most of which still exist.
  for (const ids of [known.runs, known.comparisons]) ids.splice(0, ids.length - MOST_KNOWN);
};

/** Prints a request in one line, from which it can be repeated. */
export const printed = ({ method, path, headers, body, fault }: FuzzRequest): string => {
  const shown =
    body === undefined
      ? ''
      : typeof body === 'string'
        ? `body ${JSON.stringify(body.length > 2_000 ? `${body.slice(0, 2_000)}… (${body.length})` : body)}`
        : `body (base64) ${body.toString('base64')}`;
  return `[${fault}] ${method} ${path} ${JSON.stringify(headers)} ${shown}`;
};

const differenceOf = (before: Map<string, string>, after: Map<string, string>): string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter((key) => before.get(key) !== after.get(key));
