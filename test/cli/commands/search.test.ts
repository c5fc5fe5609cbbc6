import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { showMatches } from '../../../cli/commands/search/matches.ts';
import { makeScreen } from '../../../cli/terminal/screen.ts';
import type { SearchAnswer, SearchMatch } from '../../../client/index.ts';
import { serveApi } from '../api-server.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'everytoken-search-'));
const bodies: unknown[] = [];
let answer: SearchAnswer;
let served: Awaited<ReturnType<typeof serveApi>>;

beforeAll(async () => {
  const app = new Hono().post('/search', async (c) => {
    bodies.push(await c.req.json());
    return c.json(answer);
  });
  served = await serveApi(app, dataDir);
});
afterAll(() => {
  served.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const MATCH: SearchMatch = {
  score: 0.3149,
  run_id: 'run_1',
  index: 3,
  text: 'On Tuesday the cache answered with ERR_4411,\nand caches were cold.',
  words: ['err_4411'],
  model: 'gpt-6-luna',
  label: 'Top-k 40',
  created_at: '2026-11-30T09:12:44.120Z',
  prompt_preview: 'Summarise the incident.',
  metadata: { chunk: 0, tokens: 84, ttft_ms: 210.6, e2e_ms: 1051.86, cost_usd: 0.00012 },
};
const found = (...data: SearchMatch[]): SearchAnswer => ({ data, matches: [], next_cursor: null });

test('shows score, run, index, label, model, time, figures, prompt and passage', async () => {
  answer = found(MATCH);
  const { status, out, err } = await served.everytoken('search', 'cache ERR_4411');
  expect(status).toBe(0);
  expect(out).toBe(`\
run_1 #4 · 0.31 · Top-k 40 · gpt-6-luna · 2026-11-30 09:12:44 · 84 tokens · first token 211 ms
  1.05 s · $0.00012
  > Summarise the incident.
  On Tuesday the cache answered with ERR_4411, and caches were cold.
`);
  expect(err).toContain(`npx everytoken show run_1 --generation 4 --api ${served.api}`);
  expect(bodies.at(-1)).toEqual({ query: 'cache ERR_4411', top_k: 10, filter: null });
});

test('sends every condition', async () => {
  const since = '2026-11-30T00:00:00Z';
  const conditions = [
    '--model',
    'm',
    '--label',
    'l',
    '--run',
    'run_1',
    '--metadata',
    'team=docs',
    '--since',
    since,
  ];
  await served.everytoken(
    'search',
    'x',
    '--top-k',
    '3',
    ...conditions,
    '--min-ttft',
    '5',
    '--max-cost',
    '0.1',
  );
  expect(bodies.at(-1)).toEqual({
    query: 'x',
    top_k: 3,
    filter: {
      model: 'm',
      label: 'l',
      run_id: 'run_1',
      since,
      'metadata.team': 'docs',
      min_ttft_ms: 5,
      max_cost_usd: 0.1,
    },
  });
});

test('has a table by --csv, and the answer by --json', async () => {
  answer = found(MATCH);
  const [csv, json] = await Promise.all([
    served.everytoken('search', 'x', '--csv'),
    served.everytoken('search', 'x', '--json'),
  ]);
  expect(csv.out.split('\r\n').slice(0, 2).join('\n')).toBe(
    'score,run_id,index,label,model,created_at,tokens,ttft_ms,tpot_ms,e2e_ms,cost_usd,prompt_preview,text\n' +
      '0.3149,run_1,3,Top-k 40,gpt-6-luna,2026-11-30T09:12:44.120Z,84,210.6,,1051.86,0.00012,Summarise the incident.,"On Tuesday the cache answered with ERR_4411,\nand caches were cold."',
  );
  expect(JSON.parse(json.out)).toEqual(answer);
});

test('says when nothing matches and why matches may be missing', async () => {
  answer = { ...found(), warnings: ['words could not be looked up\x1b[31m'] };
  const { status, out, err } = await served.everytoken('search', 'x');
  expect([status, out]).toEqual([0, '']);
  expect(err).toContain('warning: words could not be looked up\n');
  expect(err).toContain('no output matches\n');
});

const shown = (match: SearchMatch, query: string): string => {
  let out = '';
  const screen = makeScreen({ isTTY: true, columns: 80, write: (text) => (out += text) }, {});
  const errors = makeScreen({ write: () => {} }, {});
  showMatches(found(match), query, { screen, errors, note: () => {}, again: (words) => words });
  return out;
};

test('words of the query are bold, at the beginning of words alone, whatever they contain', () => {
  const out = shown({ ...MATCH, text: 'The cache has caches, no precache. C++ (a.b)*' }, 'cache (a.b)* [');
  expect(out).toContain('The \x1b[1mcache\x1b[22m has \x1b[1mcache\x1b[22ms, no precache. C++ (a.b)*');
});

test('a word with signs that the API found is bold, too', () => {
  const out = shown({ ...MATCH, text: 'It was ERR-4411, a/b.', words: ['err-4411', 'a/b'] }, 'ERR-4411');
  expect(out).toContain('It was \x1b[1mERR-4411\x1b[22m, \x1b[1ma/b\x1b[22m.');
});

test('shows the lines around the first word of a long passage', () => {
  const text = `${'other words '.repeat(60)}the needle ${'and more '.repeat(60)}`;
  const lines = shown({ ...MATCH, text }, 'needle').split('\n');
  expect(lines.filter((line) => line.includes('needle'))).toHaveLength(1);
  expect(lines.some((line) => line.startsWith('  …other words'))).toBe(true);
  expect(lines.at(-2)?.endsWith('…')).toBe(true);
});

test('no text of an output changes the terminal', () => {
  const hostile = 'a\x1b[31m\x9b31m\u202eb\r\x07';
  const out = shown(
    { ...MATCH, run_id: hostile, text: hostile, label: hostile, model: hostile, prompt_preview: hostile },
    'bbbb',
  );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: only styles may be left
  expect(out.replace(/\x1b\[(1|2|22)m/g, '')).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u);
});
