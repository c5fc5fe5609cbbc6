import { expect, test } from 'vitest';
import { seededRandom } from '../../../../local/model/random.ts';
import { parseOptions } from '../../../../tools/bench/stream/options.ts';
import { turnsOf } from '../../../../tools/bench/stream/plan.ts';
import { READER_NAMES } from '../../../../tools/bench/stream/reader.ts';
import { linesOf, type Sample } from '../../../../tools/bench/stream/results.ts';
import { legend, tableOf } from '../../../../tools/bench/stream/table.ts';
import { UsageError } from '../../../../tools/command.ts';

const sample = (reader: Sample['reader'], round: number, cpuMicros: number): Sample => ({
  ...{ reader, round, shape: 'short', streams: 1, cpuMicros, wallMicros: 2 * cpuMicros },
});

test('a ratio is the median of those of the rounds, so that a slow round does not count', () => {
  const lines = linesOf([
    ...[sample('parser', 1, 4), sample('parser', 2, 40), sample('parser', 3, 5)],
    ...[sample('everytoken', 1, 5), sample('everytoken', 2, 60), sample('everytoken', 3, 5.5)],
  ]);
  expect(lines).toMatchObject([
    { reader: 'parser', cpuMicros: { micros: 5, times: 1 }, wallMicros: { micros: 10, times: 1 } },
    { reader: 'everytoken', cpuMicros: { micros: 5.5, times: 1.25 }, wallMicros: { micros: 11 } },
  ]);
});

test('the table is Markdown with a row for each reader, a column for each shape, and a dash where nothing is read', () => {
  const lines = linesOf([sample('parser', 1, 4), sample('langchain', 1, 100)]);
  expect(tableOf(lines, { measure: 'cpuMicros', streams: 1, shapes: ['short', 'responses'] })).toBe(
    [
      "CPU of the reader's process (user and system), µs a token, one stream",
      '',
      '|  | short | responses |',
      '| --- | ---: | ---: |',
      '| fetch + eventsource-parser | 4.00 (1.00) | – |',
      '| LangChain.js | 100.00 (25.00) | – |',
    ].join('\n'),
  );
  const explained = legend(['parser'], ['usage']).join('\n');
  expect(explained).toContain('continuous_usage_stats');
  expect(explained).not.toContain('LangChain.js');
});

test('every reader has a turn for each shape that it reads in each round, beside those of the same shape', () => {
  const turns = turnsOf(
    { readers: READER_NAMES, shapes: ['short', 'responses'], rounds: 2 },
    seededRandom(7),
  );
  expect(turns).toHaveLength(2 * (READER_NAMES.length + READER_NAMES.length - 2));
  const changes = turns.filter(
    ({ shape, round }, at) => shape !== turns[at - 1]?.shape || round !== turns[at - 1]?.round,
  );
  expect(changes).toHaveLength(4);
  const ofRound = (round: number) =>
    turns.filter((turn) => turn.round === round && turn.shape === 'short').map(({ reader }) => reader);
  expect(ofRound(1).toSorted()).toEqual(READER_NAMES.toSorted());
  expect(ofRound(1)).not.toEqual(ofRound(2));
});

test('flags choose readers, to which the yardstick is added, shapes, streams and sizes', () => {
  const flags = '--readers everytoken --shapes tools,long --streams 8,8 --rounds 1 --answers 2 --events 10';
  expect(parseOptions(flags.split(' '))).toEqual({
    ...{ readers: ['parser', 'everytoken'], shapes: ['tools', 'long'], streams: [8], rounds: 1 },
    ...{ answers: 2, events: 10, json: undefined },
  });
  expect(parseOptions([])).toMatchObject({ readers: READER_NAMES, streams: [1, 32], rounds: 5 });
});

test.each(['--readers curl', '--shapes wide', '--streams 0', '--rounds x', '--tokens 1', 'more'])(
  '%s is refused as a usage error',
  (flags) => {
    expect(() => parseOptions(flags.split(' '))).toThrow(UsageError);
  },
);
