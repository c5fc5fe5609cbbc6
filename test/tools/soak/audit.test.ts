import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { listPosition } from '../../../lib/runs/list/read.ts';
import { audit } from '../../../tools/soak/audit.ts';
import { acceptRun, emptyLedger } from '../../../tools/soak/ledger.ts';
import type { RunItem, State } from '../../../tools/soak/read-state.ts';

const text = 'An output.';
const sha256 = createHash('sha256').update(text).digest('hex');
const output = (id: string) => `outputs/${id}/0.lease.json`;

const completed = (id: string): RunItem => ({
  ...{ id, caller: 'local', created_at: '2026-11-22T13:00:00.000Z' },
  ...{ status: 'completed', index: true, attempts: 1 },
  generations: [{ s: 'c', l: 'lease', h: sha256, k: 1, c: 4 }],
});

const placeOf = (id: string) => listPosition({ id, createdAt: completed(id).created_at });

/** One completed run `a`, one deleted run `b`, and a file of one line, all consistent. */
const consistentState = () => {
  const ledger = emptyLedger();
  acceptRun(ledger, 'a', 'key-a');
  acceptRun(ledger, 'b', undefined);
  ledger.deleted.add('b');
  ledger.files.set('prompts/f.json', 1);
  const line: RunItem = { ...completed('c'), file: { fileId: 'f', block: 0, line: 1 } };
  const deleted: RunItem = { ...completed('b'), status: 'deleted' };
  const state: State = {
    runs: new Map([completed('a'), deleted, line].map((run) => [run.id, run])),
    files: [{ id: 'f', key: 'prompts/f.json', status: 'completed', lines: 1 }],
    listed: new Map(
      [completed('a'), deleted, line].map(({ id, status }) => [placeOf(id), { status, tokens: 4 }]),
    ),
    hours: new Map([['local 2026-11-22T13', { runs: 3, tokens: 12 }]]),
    keys: [output('a'), output('c'), 'results/prompts/f.json.jsonl'],
    vectors: ['a#0#0', 'c#0#0'],
    text: async (key) =>
      key.startsWith('results/') ? '{"run_id": "c"}\n' : JSON.stringify({ generation: { text } }),
  };
  return { ledger, state };
};

test('the audit finds nothing when everything is consistent', async () => {
  const { ledger, state } = consistentState();
  const found = await audit(ledger, state);
  expect(found).toMatchObject({
    accepted: 3,
    ended: { completed: 2, failed: 0, cancelled: 0, deleted: 1 },
    checked: { outputs: 2, vectors: 2 },
    unacknowledged: 0,
    unreferenced: 0,
    examples: [],
  });
  expect(Object.values(found.broken).every((count) => count === 0)).toBe(true);
});

test('a completed run of which no text is kept has no hash to be compared', async () => {
  const { ledger, state } = consistentState();
  const [generation] = state.runs.get('a')?.generations ?? [];
  delete generation?.h;
  const read = state.text;
  state.text = async (key) =>
    key === output('a') ? JSON.stringify({ generation: { text: null } }) : read(key);
  expect((await audit(ledger, state)).broken.wrong_sha256).toBe(0);
});

type Damage = [what: string, kind: string, damage: (given: ReturnType<typeof consistentState>) => void];
test.each<Damage>([
  ['an accepted run that is absent', 'lost', ({ ledger }) => ledger.runs.add('x')],
  [
    'a run that has not ended, though nobody asked for it',
    'lost',
    ({ state }) => state.runs.set('x', { ...completed('x'), status: 'queued' }),
  ],
  [
    'a file that is not read to its end',
    'lost',
    ({ state }) => Object.assign(state.files[0] ?? {}, { status: 'reading' }),
  ],
  ['a key that was answered with two runs', 'duplicated', ({ ledger }) => acceptRun(ledger, 'c', 'key-a')],
  ['a vector beyond the computed ones', 'duplicated', ({ state }) => state.vectors.push('a#0#1')],
  [
    'a line with two runs',
    'duplicated',
    ({ state }) => state.runs.set('d', { ...completed('d'), file: { fileId: 'f', block: 0, line: 1 } }),
  ],
  ['a run that came back', 'not_deleted', ({ ledger }) => ledger.deleted.add('a')],
  ['a cancelled run that went on', 'not_cancelled', ({ ledger }) => ledger.cancelled.add('a')],
  [
    'an output that is gone',
    'missing_outputs',
    ({ state }) => Object.assign(state, { keys: state.keys.slice(1) }),
  ],
  [
    'an output with another text',
    'wrong_sha256',
    ({ state }) => Object.assign(state.runs.get('a')?.generations?.[0] ?? {}, { h: 'other' }),
  ],
  ['a vector that is gone', 'missing_vectors', ({ state }) => state.vectors.pop()],
  ['a vector of a deleted run', 'orphaned_vectors', ({ state }) => state.vectors.push('b#0#0')],
  ['an object of a deleted run', 'orphaned_objects', ({ state }) => state.keys.push(output('b'))],
  [
    'a file whose results are missing',
    'files_without_results',
    ({ state }) => Object.assign(state, { keys: state.keys.slice(0, 2) }),
  ],
  [
    'a run that its list has with other usage',
    'not_listed',
    ({ state }) => state.listed.set(placeOf('a'), { status: 'completed', tokens: 3 }),
  ],
  ['a run that no list has', 'not_listed', ({ state }) => state.listed.delete(placeOf('a'))],
  [
    'an hour that counts a run twice',
    'miscounted_usage',
    ({ state }) => state.hours.set('local 2026-11-22T13', { runs: 4, tokens: 16 }),
  ],
  ['an hour that is never summed', 'miscounted_usage', ({ state }) => state.hours.clear()],
])('the audit finds %s', async (_, kind, damage) => {
  const given = consistentState();
  damage(given);
  const { broken, examples } = await audit(given.ledger, given.state);
  expect(broken).toMatchObject({ [kind]: 1 });
  expect(examples.join()).toContain(kind);
});

test('an output of a lost lease is counted separately', async () => {
  const { ledger, state } = consistentState();
  state.keys.push('outputs/a/0.earlier.json');
  expect(await audit(ledger, state)).toMatchObject({ unreferenced: 1, examples: [] });
});

test('an output that came after its run was deleted is counted separately, as long as the second purge is due', async () => {
  const { ledger, state } = consistentState();
  state.keys.push(output('b'));
  Object.assign(state.runs.get('b') ?? {}, { due_at: 1 });
  expect(await audit(ledger, state)).toMatchObject({ unreferenced: 1, examples: [] });
});

test('usage is compared once its hour is summed, and no deleted run waits for its purge', async () => {
  const { ledger, state } = consistentState();
  state.hours.set('local 2026-11-22T13', null);
  expect((await audit(ledger, state)).examples).toEqual([]);
  state.hours.set('local 2026-11-22T13', { runs: 2, tokens: 8 });
  Object.assign(state.runs.get('b') ?? {}, { due_at: 1 });
  state.listed.delete(placeOf('b'));
  expect((await audit(ledger, state)).examples).toEqual([]);
});
