import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ResultLine } from '../../lib/files/results/line-results.ts';
import { pollUntil } from '../../tools/poll-until.ts';
import { type Client, clientOf } from './everytoken-client.ts';
import { type AwsClients, awsClients } from './stack-clients.ts';
import type { RunningStack } from './stack-process.ts';

const name = 'team a/50 % + über #1 日本 🚀.txt';
const fast = { max_tokens: 8, extra_body: { pace: 0 } };

export const describeDropFolder = (stack: () => RunningStack) =>
  describe('a file put into drop/', () => {
    let api: Client;
    let aws: AwsClients;
    afterAll(() => aws.destroy());
    beforeAll(() => {
      api = clientOf(stack().file.api);
      aws = awsClients(stack().file);
      mkdirSync(join(stack().dataDir, 'drop', 'team a'), { recursive: true });
      writeFileSync(join(stack().dataDir, 'drop', name), '\uFEFFExplain queues.\r\n');
      const lines = [
        { prompt: 'Explain dead letters.', ...fast },
        { prompt: 'Explain retries.', tempratur: 1 },
        { prompt: 'Explain dead letters.', ...fast },
      ];
      writeFileSync(join(stack().dataDir, 'drop', 'batch.json'), JSON.stringify(lines));
    });

    const result = (file: string): Promise<string> => {
      const path = join(stack().dataDir, 'results', file);
      return pollUntil(
        () => `results/${file}; the stack says ${stack().output().slice(-2000)}`,
        () => existsSync(path) && readFileSync(path, 'utf8'),
        15_000,
      );
    };
    const rows = (text: string): ResultLine[] =>
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));

    test('gets its results under the same name, whatever characters it contains', async () => {
      const text = await result(`${name}.txt`);
      const [row] = rows(await result(`${name}.jsonl`));
      expect(row).toMatchObject({
        line: 1,
        status: 'completed',
        error: null,
        run: { prompt: 'Explain queues.' },
      });
      expect(text).toBe(`${row?.run?.generations[0]?.text}\n`);
      const summary = JSON.parse(await result(`${name}.summary.json`));
      expect(summary).toMatchObject({
        key: `prompts/@local/${name}`,
        status: 'completed',
        counts: { lines: 1, completed: 1, failed: 0 },
      });
      expect((await api.get(`/runs/${row?.run_id}`)).status).toBe(200);
    });

    test('gets one result per line, in order; a bad line fails alone and is named by its number', async () => {
      const found = rows(await result('batch.json.jsonl'));
      expect(found.map(({ line, status }) => [line, status])).toEqual([
        [1, 'completed'],
        [2, 'failed'],
        [3, 'completed'],
      ]);
      expect(found[1]?.error).toMatchObject({ code: 'invalid_input', errors: [{ path: 'tempratur' }] });
      expect(found[0]?.run_id).not.toBe(found[2]?.run_id);
      expect(JSON.parse(await result('batch.json.summary.json'))).toMatchObject({
        status: 'completed_with_errors',
        counts: { lines: 3, completed: 2, failed: 1, generations: 2 },
      });
      expect(readdirSync(join(stack().dataDir, 'results')).sort()).toEqual([
        'batch.json.jsonl',
        'batch.json.summary.json',
        'team a',
      ]);
    });

    test('dropped again with one line changed makes one new run and keeps the others', async () => {
      const before = rows(await result('batch.json.jsonl'));
      const runs = async () => (await api.list('?limit=100')).body.data.length;
      const count = await runs();
      const file = join(stack().dataDir, 'drop', 'batch.json');
      const lines = JSON.parse(readFileSync(file, 'utf8'));
      lines[1] = { prompt: 'Explain retries.', ...fast };
      writeFileSync(file, JSON.stringify(lines));
      const after = await pollUntil(
        'the new results',
        async () => {
          const found = rows(await result('batch.json.jsonl'));
          return found[1]?.status === 'completed' && found;
        },
        15_000,
      );
      expect([after[0]?.run_id, after[2]?.run_id]).toEqual([before[0]?.run_id, before[2]?.run_id]);
      expect(await runs()).toBe(count + 1);

      // The same bytes with a new modification time are taken in again, and change nothing.
      const taken = () => stack().output().split('drop/batch.json was taken in').length - 1;
      const times = taken();
      utimesSync(file, new Date(), new Date());
      await pollUntil('it is taken in again', () => taken() > times, 10_000);
      await pollUntil('its message is done', async () => (await aws.waiting('IntakeQueue')) === 0, 10_000);
      expect(await runs()).toBe(count + 1);
      expect(rows(await result('batch.json.jsonl'))).toEqual(after);
    });
  });
