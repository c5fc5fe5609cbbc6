import { expect, test } from 'vitest';
import { extraBodyIssues } from '../../../lib/sampling/setting.ts';

test('an extra body may carry any field that everytoken does not set itself', () => {
  expect(extraBodyIssues({ min_p: 0.1, pace: 0, top_k: 3 })).toEqual([]);
});

test.each(['model', 'messages', 'stream', 'stream_options', 'n', 'max_tokens', 'max_completion_tokens'])(
  'an extra body with %s is refused by name',
  (field) => {
    expect(extraBodyIssues({ min_p: 0.1, [field]: 1 }, 'settings.2.extra_body')).toEqual([
      { path: `settings.2.extra_body.${field}`, message: expect.stringContaining('cannot be sent this way') },
    ]);
  },
);
