import { createHash } from 'node:crypto';
import { listPosition } from '../../lib/runs/list/read.ts';
import type { Ledger } from './ledger.ts';
import { ENDED, FILE_ENDED, type RunItem, type State } from './read-state.ts';

const KINDS = [
  'lost', // accepted, but has not ended
  'duplicated', // two visible results, or more vectors than were computed
  'not_deleted', // although the deletion was answered with 204
  'not_cancelled', // although the cancellation was answered with 200
  'missing_outputs',
  'wrong_sha256',
  'missing_vectors',
  'orphaned_vectors',
  'orphaned_objects',
  'files_without_results',
  'not_listed', // an ended run whose caller's list has another status or usage
  'miscounted_usage', // an hour whose sums differ from those of its runs, or that will not be summed
] as const;
type Kind = (typeof KINDS)[number];

/** The result of an audit. Every figure of `broken` must be 0. */
export type Audit = {
  accepted: number;
  ended: Record<string, number>;
  files: { accepted: number; lines: number; badLines: number };
  /** Stored runs whose id no client knows: the answer was lost, and without a key the request could not be repeated. */
  unacknowledged: number;
  checked: { outputs: number; vectors: number };
  /** Outputs written under a lost lease, which no run refers to. The repair of `npm run audit` may remove them. */
  unreferenced: number;
  broken: Record<Kind, number>;
  /** Up to five examples of each kind that is broken. */
  examples: string[];
};

/** Compares the stored state with the promises in the ledger. */
export const audit = async (ledger: Ledger, state: State): Promise<Audit> => {
  const broken = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<Kind, number>;
  const examples: string[] = [];
  const found: Found = (kind, what) => {
    broken[kind] += 1;
    if (broken[kind] <= 5) examples.push(`${kind}: ${what}`);
  };

  const files = await auditFiles(ledger, state, found);
  const accepted = new Set([...ledger.runs, ...files.runIds]);
  const ended: Record<string, number> = Object.fromEntries(ENDED.map((status) => [status, 0]));
  for (const id of accepted) {
    const run = state.runs.get(id);
    if (run && ENDED.includes(run.status)) ended[run.status] = (ended[run.status] ?? 0) + 1;
    else found('lost', `${id} is ${run?.status ?? 'absent'}`);
  }
  const unacknowledged = [...state.runs.values()].filter(({ id }) => !accepted.has(id));
  for (const run of unacknowledged)
    if (!ENDED.includes(run.status)) found('lost', `${run.id} (unacknowledged) is ${run.status}`);
  for (const key of ledger.twice) found('duplicated', `the Idempotency-Key ${key} has two runs`);
  for (const id of ledger.deleted) {
    if (state.runs.get(id)?.status !== 'deleted') found('not_deleted', id);
  }
  for (const id of ledger.cancelled) {
    if (state.runs.get(id)?.status !== 'cancelled') found('not_cancelled', id);
  }
  auditUsage(state, found);
  const outputs = await auditOutputs(state, found);
  const vectors = auditVectors(state, found);
  return {
    accepted: accepted.size,
    ended,
    files: { accepted: ledger.files.size, lines: files.lines, badLines: files.badLines },
    unacknowledged: unacknowledged.length,
    checked: { outputs: outputs.checked, vectors },
    unreferenced: outputs.unreferenced,
    broken,
    examples,
  };
};

type Found = (kind: Kind, what: string) => void;

const auditFiles = async (ledger: Ledger, state: State, found: Found) => {
  const runIds = new Set<string>();
  let lines = 0;
  let badLines = 0;
  for (const [key, expected] of ledger.files) {
    const items = state.files.filter((file) => file.key === key);
    const [file] = items;
    if (items.length > 1) found('duplicated', `${key} is ${items.length} files`);
    if (!file || !FILE_ENDED.includes(file.status)) found('lost', `${key} is ${file?.status ?? 'absent'}`);
    const results = `results/${key}.jsonl`;
    if (!state.keys.includes(results)) {
      found('files_without_results', key);
      continue;
    }
    const rows = (await state.text(results)).trimEnd().split('\n');
    if (rows.length !== expected)
      found('files_without_results', `${key}: ${rows.length} of ${expected} lines`);
    lines += rows.length;
    for (const { run_id } of rows.map((row): { run_id: string | null } => JSON.parse(row))) {
      if (run_id === null) badLines += 1;
      else if (runIds.has(run_id)) found('duplicated', `${run_id} is the run of two lines`);
      else runIds.add(run_id);
    }
  }
  const places = new Set<string>();
  for (const { id, file } of state.runs.values()) {
    if (!file) continue;
    const place = `${file.fileId} line ${file.line}`;
    if (places.has(place)) found('duplicated', `${id}: a second run of ${place}`);
    places.add(place);
  }
  return { runIds, lines, badLines };
};

const tokensOf = ({ generations = [] }: RunItem): number =>
  generations.reduce((sum, { c = 0 }) => sum + c, 0);

/** The list of a deleted run may wait for its purge, so such runs and their hours are left out until then. */
const auditUsage = ({ runs, listed, hours }: State, found: Found): void => {
  const byHour = Map.groupBy(runs.values(), (run) => `${run.caller} ${run.created_at.slice(0, 13)}`);
  for (const [hour, own] of byHour) {
    const isPurged = ({ status, due_at }: RunItem) => status !== 'deleted' || due_at === undefined;
    for (const run of own.filter((each) => isPurged(each) && ENDED.includes(each.status))) {
      const place = listPosition({ createdAt: run.created_at, id: run.id });
      const { status, tokens } = listed.get(place) ?? { status: 'absent', tokens: 0 };
      if (status !== run.status || tokens !== tokensOf(run))
        found(
          'not_listed',
          `${run.id} is ${run.status}, ${tokensOf(run)} tokens; listed: ${status}, ${tokens}`,
        );
    }
    const summed = hours.get(hour);
    const tokens = own.reduce((sum, run) => sum + tokensOf(run), 0);
    if (summed === undefined) found('miscounted_usage', `${hour} will not be summed`);
    else if (summed && own.every(isPurged) && (summed.runs !== own.length || summed.tokens !== tokens))
      found(
        'miscounted_usage',
        `${hour}: ${own.length} runs, ${tokens} tokens; summed: ${JSON.stringify(summed)}`,
      );
  }
};

const outputKey = (id: string, index: number, lease: string) => `outputs/${id}/${index}.${lease}.json`;

const auditOutputs = async (state: State, found: Found) => {
  const isThere = new Set(state.keys);
  const referenced = new Set<string>();
  for (const { id, status, generations = [] } of state.runs.values()) {
    if (status !== 'completed') continue;
    for (const [index, { s, l, h }] of generations.entries()) {
      const key = outputKey(id, index, l);
      referenced.add(key);
      if (!isThere.has(key)) {
        found('missing_outputs', key);
        continue;
      }
      if (s !== 'c') continue;
      const { generation } = JSON.parse(await state.text(key));
      // Of a run with `store: false` neither a text nor a hash is kept; calls alone have no text.
      const hash = createHash('sha256')
        .update(generation.text ?? '', 'utf8')
        .digest('hex');
      if (h !== undefined && hash !== h) found('wrong_sha256', key);
    }
  }
  let unreferenced = 0;
  for (const key of state.keys) {
    const id = /^(?:outputs\/([^/]+)\/|requests\/([^/]+)\.json$)/.exec(key)?.slice(1).find(Boolean);
    if (id === undefined || referenced.has(key)) continue;
    const run = state.runs.get(id);
    // A worker that was generating when its run was deleted may save one more output. The second purge removes it.
    const isToBePurged = run?.status === 'deleted' && run.due_at !== undefined && key.startsWith('outputs/');
    if (isToBePurged) unreferenced += 1;
    else if (!run || run.status === 'deleted')
      found('orphaned_objects', `${key} (${run?.status ?? 'no run'})`);
    else if (key.startsWith('outputs/') && !isOwn(run, key)) unreferenced += 1;
  }
  return { checked: referenced.size, unreferenced };
};

/** Whether a run refers to this output. Covers failed runs: `referenced` holds the outputs of completed runs only. */
const isOwn = ({ id, generations = [] }: RunItem, key: string): boolean =>
  generations.some(({ l }, index) => outputKey(id, index, l) === key);

/** Returns the number of distinct vectors checked. */
const auditVectors = ({ runs, vectors }: State, found: Found): number => {
  const expected = new Set<string>();
  for (const { id, status, index, generations = [] } of runs.values()) {
    if (status !== 'completed' || !index) continue;
    for (const [at, { k }] of generations.entries()) {
      for (let chunk = 0; chunk < k; chunk++) expected.add(`${id}#${at}#${chunk}`);
    }
  }
  const seen = new Set<string>();
  for (const id of vectors) {
    if (seen.has(id)) found('duplicated', `the vector ${id}`);
    else if (!expected.has(id)) {
      const run = runs.get(id.split('#')[0] ?? '');
      // Extra vectors of a completed run are a second result. Vectors of any other run are orphaned.
      found(
        run?.status === 'completed' ? 'duplicated' : 'orphaned_vectors',
        `${id} (${run?.status ?? 'no run'})`,
      );
    }
    seen.add(id);
  }
  for (const id of expected) if (!seen.has(id)) found('missing_vectors', id);
  return seen.size;
};
