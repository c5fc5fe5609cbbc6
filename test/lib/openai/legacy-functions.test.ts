import { expect, test } from 'vitest';
import {
  functionCallOf,
  functionFinish,
  toolChoiceOf,
  toolsOfFunctions,
  withToolTurns,
} from '../../../lib/openai/legacy-functions.ts';

const call = (id: string, name: string) =>
  ({ id, type: 'function', function: { name, arguments: '{}' } }) as const;

test('functions are tools, and the choice of one is the choice of its tool', () => {
  const look = { name: 'look_up', parameters: { type: 'object' } };
  expect(toolsOfFunctions([look])).toEqual([{ type: 'function', function: look }]);
  expect(['none', 'auto', { name: 'look_up' }].map(toolChoiceOf)).toEqual([
    'none',
    'auto',
    { type: 'function', function: { name: 'look_up' } },
  ]);
});

test('an answer has the first call of a function, and its finish reason', () => {
  const custom = { id: 'c', type: 'custom', custom: { name: 'sh', input: 'ls' } } as const;
  expect(functionCallOf([custom, call('a', 'f'), call('b', 'g')])).toEqual({ name: 'f', arguments: '{}' });
  expect(functionCallOf([])).toBeUndefined();
  expect(['tool_calls', 'stop', null].map(functionFinish)).toEqual(['function_call', 'stop', null]);
});

test('each call of a function gets an id, which its answer names', () => {
  const turns = [
    { role: 'user', content: 'Look up two.' },
    { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
    { role: 'function', name: 'f', content: '1' },
    { role: 'assistant', function_call: { name: 'g', arguments: '{}' } },
    { role: 'function', name: 'g', content: null },
    { role: 'assistant', content: 'Done.', function_call: null },
    'no message',
  ];
  expect(withToolTurns(turns)).toEqual([
    turns[0],
    { role: 'assistant', content: null, tool_calls: [call('call_1', 'f')] },
    { role: 'tool', content: '1', tool_call_id: 'call_1' },
    { role: 'assistant', tool_calls: [call('call_3', 'g')] },
    { role: 'tool', content: '', tool_call_id: 'call_3' },
    turns[5],
    'no message',
  ]);
});
