import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clientCodeOf, curlOf, shellWord } from '../../dashboard/request-code.ts';
import { requestOf } from '../../dashboard/request-of-run.ts';
import { outputOf, runOf } from './run/a-run.ts';

const sampled = (requested: { [name: string]: unknown }) => ({
  sampling: { requested, sent: {}, effective: {}, warnings: [] },
});

describe('the request of a run', () => {
  test('has its prompt, model and sampling', () => {
    const run = runOf({ generations: [outputOf(sampled({ temperature: 0.2, max_tokens: 9, top_p: null }))] });
    expect(requestOf(run)).toEqual({ prompt: 'Explain.', model: 'small', temperature: 0.2, max_tokens: 9 });
  });

  test('has its settings with their labels, samples and metadata', () => {
    const run = runOf({
      models: ['small', 'groq/large'],
      metadata: { team: 'docs' },
      generations: [
        outputOf({ label: 'a', ...sampled({ seed: 1 }) }),
        outputOf({ label: 'a', index: 1, sample: 1 }),
        outputOf({ label: 'b', index: 2, provider: 'groq', model: 'large' }),
        outputOf({ label: 'b', index: 3, sample: 1, provider: 'groq', model: 'large' }),
      ],
    });
    expect(requestOf(run)).toEqual({
      prompt: 'Explain.',
      settings: [
        { label: 'a', model: 'small', seed: 1 },
        { label: 'b', model: 'groq/large' },
      ],
      samples: 2,
      metadata: { team: 'docs' },
    });
  });

  test('asks for the model by the name that was asked for, not by that of the snapshot that answered', () => {
    expect(requestOf(runOf({ generations: [outputOf({ model: 'small-2026-01-01' })] }))?.model).toBe('small');
  });

  test('is not known where the prompt is not stored, and leaves out tools, of which a run has names alone', () => {
    expect(requestOf(runOf({ store: false, prompt: null }))).toBeUndefined();
    const run = runOf({ generations: [outputOf(sampled({ tools: [{ name: 'f', hash: 'h' }], seed: 1 }))] });
    expect(requestOf(run)).not.toHaveProperty('tools');
  });

  test('is one word of a shell, whatever a prompt holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const word = text.replaceAll('\0', '');
        expect(execFileSync('sh', ['-c', `printf %s ${shellWord(word)}`]).toString()).toBe(word);
      }),
      { numRuns: 20 },
    );
  });

  test('as a command names the key by its variable, and never holds it', () => {
    const body = { prompt: "It's $HOME `id`" };
    const printed = execFileSync('sh', [
      '-c',
      `curl() { printf '%s\\n' "$@"; }; ${curlOf(body, 'http://127.0.0.1:3000/prod/', true)}`,
    ]).toString();
    expect(printed.split('\n')).toContain('http://127.0.0.1:3000/prod/runs');
    expect(printed).toContain('Authorization: Bearer ');
    expect(JSON.parse(printed.slice(printed.indexOf('{')))).toEqual(body);
    expect(curlOf(body, 'http://127.0.0.1:3000/', false)).not.toContain('Authorization');
    expect(clientCodeOf(body, 'http://127.0.0.1:3000/', true)).toContain('process.env.EVERYTOKEN_KEY');
  });
});
