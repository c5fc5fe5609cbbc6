import { describe, expect, test } from 'vitest';
import { parseRunRequest } from '../../../../lib/runs/request.ts';
import type { Share } from '../../../../tools/bench/files/generation-part.ts';
import type { Contender } from '../../../../tools/bench/pipeline/outside-calls.ts';
import { parseOptions } from '../../../../tools/bench/pipeline/pipeline.ts';
import { promptFile, promptOf } from '../../../../tools/bench/pipeline/prompts.ts';
import type { Turn } from '../../../../tools/bench/pipeline/rounds.ts';
import {
  boundSentences,
  callsTable,
  figuresOf,
  medianTurn,
  roundsTable,
} from '../../../../tools/bench/pipeline/summary.ts';
import { UsageError } from '../../../../tools/command.ts';

test('the bench runs 1,000 runs in three rounds by default', () => {
  expect(parseOptions([])).toEqual({ runs: 1_000, rounds: 3, atOnce: 4, counted: 50, json: undefined });
  expect(parseOptions(['--at-once', '1', '--runs', '20'])).toMatchObject({ runs: 20, atOnce: 1 });
});

test.each([
  ['no runs', ['--runs', '0']],
  ['a fraction of a round', ['--rounds', '1.5']],
  ['a file in a folder that is not there', ['--json', 'absent/pipeline.json']],
  ['an unknown option', ['--lines', '5']],
])('%s is a usage error', (_, args) => {
  expect(() => parseOptions(args)).toThrow(UsageError);
});

test('a prompt file has the prompts from a number on, no two alike', () => {
  const lines = promptFile(7, 20)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines[0].prompt).toBe(promptOf(7));
  expect(new Set(lines.map(({ prompt }) => prompt)).size).toBe(20);
  expect(lines[0]).toMatchObject({ max_tokens: 100, temperature: 0.5 });
  expect(() => parseRunRequest(lines[0], { model: 'm' })).not.toThrow();
});

const share = (role: string, cpuMs: number): Share => ({
  ...{ role, cpuMs, peakBytes: 0, threadMs: 0, waitedMs: 0 },
});
const turn = (contender: Contender, ms: number, shares: Share[]): Turn => ({
  ...{ contender, runs: 100, ms, shares, parts: new Map() },
});
const everytoken = (ms: number, cpuMs: number) =>
  turn('everytoken', ms, [
    share('function embed', cpuMs / 2),
    share('function generate/queue', cpuMs / 2),
    ...[share('stack', 1_000), share('model server', 200), share('this benchmark', 5_000)],
  ]);
const TURNS = [
  ...[everytoken(1_000, 1_000), everytoken(9_000, 3_000), everytoken(2_000, 2_000)],
  // A sweep that happens meanwhile is not the peer's.
  turn('langchain', 500, [share('langchain', 500), share('function sweep', 90), share('stack', 100)]),
  turn('tutorial', 250, [share('tutorial', 250), share('model server', 100)]),
];

describe('the figures of a contender', () => {
  test('are the medians of its turns, a run: its own processes, the stack and the model server', () => {
    expect(figuresOf(TURNS, 'everytoken')).toEqual({ own: 20, stack: 10, model: 2, rate: 50 });
    expect(figuresOf(TURNS, 'langchain')).toEqual({ own: 5, stack: 1, model: 0, rate: 200 });
    expect(figuresOf(TURNS, 'tutorial')).toEqual({ own: 2.5, stack: 0, model: 1, rate: 400 });
  });

  test('are shown beside each other, with the ratio to the LangChain.js program', () => {
    expect(roundsTable(TURNS).split('\n').slice(2)).toEqual([
      '| own CPU, ms a run | 20.0 | 5.0 | 2.5 | 4.00x |',
      "| the local stack's process, ms a run | 10.0 | 1.0 | 0.0 | 10.00x |",
      '| model server, ms a run | 2.0 | 0.0 | 1.0 |  |',
      '| runs a second | 50.0 | 200.0 | 400.0 | 0.25x |',
    ]);
  });

  test('tell what part of a run is the functions’, and the bound of its rate', () => {
    const text = boundSentences(TURNS, 2).join(' ');
    expect(text).toContain('32.0 ms of CPU: 20.0 in its functions (63%), 10.0');
    expect(text).toContain('at most 63 runs a second; 50 were measured');
    expect(text).toContain('they would give 100 runs a second');
  });

  test('of everytoken come with the turn of the median rate', () => {
    expect(medianTurn(TURNS)?.ms).toBe(2_000);
    expect(medianTurn([])).toBeUndefined();
  });
});

test('the table of calls counts requests and units of each service, and leaves the rest out', () => {
  const rows = callsTable({
    everytoken: {
      ...{ 'openai.completions': 1, 'openai.models': 3, 'dynamodb.PutItem': 1, 'dynamodb.UpdateItem': 4 },
      ...{
        'dynamodb.writeUnits.table': 5,
        'dynamodb.writeUnits.due': 2,
        'sqs.SendMessage': 1,
        'sqs.polled': 2,
      },
      ...{ 'sqs.bytes': 900, 's3.put': 2, 's3.bytesPut': 5_000, 'events.requests': 2, 'events.bytes': 800 },
    },
    langchain: { 'openai.completions': 1, 'openai.embeddings': 1 },
    tutorial: { 'openai.completions': 1, 'pinecone.upserts': 1, 'pinecone.writeUnits': 7 },
  }).split('\n');
  const cells = new Map(
    rows.slice(2).map((row) => [row.split(' | ')[0]?.slice(2), row.split(' | ').slice(1)]),
  );
  expect(cells.get('model')).toEqual(['1', '1', '1 |']);
  expect(cells.get('DynamoDB')).toEqual(['5', '', ' |']);
  expect(cells.get('DynamoDB, units written')?.[0]).toBe('7');
  expect(cells.get('SQS')?.[0]).toBe('3');
  expect(cells.get('S3')?.[0]).toBe('2');
  expect(cells.get('EventBridge')?.[0]).toBe('2');
  expect(cells.get('Pinecone, units written')).toEqual(['', '', '7 |']);
});
