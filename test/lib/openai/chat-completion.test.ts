import { expect, test } from 'vitest';
import { chatCompletionOf, chatUsageOf, logprobsOf } from '../../../lib/openai/chat-completion.ts';
import { makeTokenLogprob } from '../../factories/generation.ts';
import { generationView, runView } from '../../fixtures/run-view.ts';

const content = { t_ms: 1, text: 'Lay', tokens: 1, logprobs: [makeTokenLogprob('Lay')] };
const answered = (text: string) => runView({ generations: [generationView({ text })] });
const refusal = { t_ms: 2, text: 'No.', tokens: 1, kind: 'refusal' as const };

test('a chat completion has the text of the generation, and null for absent fields', () => {
  expect(chatCompletionOf(runView())).toEqual({
    id: 'chatcmpl-run_0',
    object: 'chat.completion',
    created: 1795352400,
    model: 'everytoken-ngram',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: 'Vectors have neighbours.', refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: {
      prompt_tokens: 9,
      completion_tokens: 3,
      total_tokens: 12,
      prompt_tokens_details: { cached_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0 },
    },
  });
});

test('a chat completion has a refusal beside the text, or instead of an empty one', () => {
  const messageOf = (text: string) =>
    chatCompletionOf(answered(text), { traces: [[refusal]] }).choices[0]?.message;
  expect(messageOf('')).toMatchObject({ content: null, refusal: 'No.' });
  expect(messageOf('But.')).toMatchObject({ content: 'But.', refusal: 'No.' });
});

test('a chat completion has a choice for each generation, each with its own log probabilities', () => {
  const generations = ['Lay', 'Other'].map((text, index) => generationView({ index, text }));
  const { choices } = chatCompletionOf(runView({ generations }), { traces: [[content], []] });
  expect(choices.map(({ index, message }) => [index, message.content])).toEqual([
    [0, 'Lay'],
    [1, 'Other'],
  ]);
  expect(choices.map(({ logprobs }) => logprobs?.content?.length ?? null)).toEqual([1, null]);
});

test('log probabilities are grouped by content and refusal', () => {
  expect(logprobsOf([content, { ...content, text: 'ers' }, refusal])).toEqual({
    content: [makeTokenLogprob('Lay'), makeTokenLogprob('Lay')],
    refusal: null,
  });
  expect(logprobsOf([refusal])).toBeNull();
});

test('usage is absent if a part of it is unknown, and so is an unknown detail', () => {
  const usage = { prompt_tokens: 4, completion_tokens: 2, reasoning_tokens: null, cached_tokens: null };
  expect(chatUsageOf({ usage })).toEqual({ prompt_tokens: 4, completion_tokens: 2, total_tokens: 6 });
  expect(chatUsageOf({ usage: { ...usage, prompt_tokens: null } })).toBeUndefined();
});
