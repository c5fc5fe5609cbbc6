import { expect, test } from 'vitest';
import { makeJsonLog } from '../../../lib/adapters/json-log.ts';

test('an event is one line of JSON with its level, name and fields, undefined ones left out', () => {
  const lines: string[] = [];
  const log = makeJsonLog({ function: 'embed' }, (line) => lines.push(line));
  log.info('run.completed', { run_id: 'run_1', e2e_ms: 12.5, code: undefined });
  log.error('sweep.item_failed', { item: 'two\nlines' });
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'info', event: 'run.completed', function: 'embed', run_id: 'run_1', e2e_ms: 12.5 },
    { level: 'error', event: 'sweep.item_failed', item: 'two\nlines' },
  ]);
  expect(lines.every((line) => !line.includes('\n'))).toBe(true);
  expect(JSON.parse(lines[0] ?? '')).not.toHaveProperty('code');
});
