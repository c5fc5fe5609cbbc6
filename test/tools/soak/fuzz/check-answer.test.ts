import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { makeProblem } from '../../../../lib/http/problem.ts';
import { makeAnswerCheck } from '../../../../tools/soak/fuzz/check-answer.ts';
import type { FuzzRequest } from '../../../../tools/soak/fuzz/draw-request.ts';
import { runView } from '../../../fixtures/run-view.ts';

const path = resolve(import.meta.dirname, '../../../../docs/openapi.json');
const check = makeAnswerCheck(JSON.parse(readFileSync(path, 'utf8')));

const get = (where: string): FuzzRequest => ({
  ...{ method: 'GET', path: where, headers: {}, body: undefined, fault: 'valid' },
});
const RUN_HEADERS = {
  'content-type': 'application/json',
  'server-timing': 'total;dur=1',
  'x-everytoken-run-id': 'run_0',
};
const answer = (status: number, body: unknown, headers: Record<string, string> = RUN_HEADERS) => ({
  ...{ status, headers: new Headers(headers), body: JSON.stringify(body) },
});
const problem = (code: string, more: object = {}) => {
  const body = makeProblem(code, 'for a reason');
  return answer(body.status, { ...body, ...more }, { 'content-type': 'application/problem+json' });
};

test('a documented answer or refusal passes the check', () => {
  expect(check(get('/runs/run_0'), answer(200, runView()))).toEqual([]);
  expect(check(get('/runs/run_0'), problem('not_found'))).toEqual([]);
  expect(check(get('/nowhere'), problem('unknown_route'))).toEqual([]);
});

test.each([
  ['a 5xx', '/runs/run_0', problem('internal'), '500 internal'],
  ['a status that is not documented', '/health', problem('conflict'), '409 is not documented'],
  ['a body of another shape', '/runs/run_0', answer(200, { ...runView(), status: 'done' }), '/status'],
  [
    'a promised header that is missing',
    '/runs/run_0',
    answer(200, runView(), { 'content-type': 'application/json' }),
    'without x-everytoken-run-id',
  ],
  ['a refusal that is no problem', '/runs/run_0', answer(404, {}), 'is of the type'],
  [
    'a problem of another status',
    '/runs/run_0',
    problem('not_found', { status: 400 }),
    'the problem says 400',
  ],
  ['a code that is not listed', '/runs/run_0', problem('not_found', { code: 'other' }), 'not a listed code'],
  ['a 405 that does not say what is allowed', '/runs/run_0', problem('method_not_allowed'), 'without Allow'],
])('the check finds %s', (_, where, given, found) => {
  expect(check(get(where), given).join('; ')).toContain(found);
});

test('the check finds a stream that has no end', () => {
  const headers = { ...RUN_HEADERS, 'content-type': 'text/event-stream' };
  const stream = `event: run.created\ndata: ${JSON.stringify(runView())}\n\n`;
  const request: FuzzRequest = { ...get('/runs'), method: 'POST', body: '{}' };
  const given = { status: 200, headers: new Headers(headers), body: stream };
  expect(check(request, given)).toEqual(['the stream ends with run.created']);
  const ended = `${stream}event: run.completed\ndata: ${JSON.stringify(runView())}\n\n`;
  expect(check(request, { ...given, body: ended })).toEqual([]);
});

const CHAT: FuzzRequest = { ...get('/v1/chat/completions'), method: 'POST', body: '{}' };
const chatStream = (...data: unknown[]) => ({
  status: 200,
  headers: new Headers({ ...RUN_HEADERS, 'content-type': 'text/event-stream' }),
  body: data.map((each) => `data: ${each === '[DONE]' ? each : JSON.stringify(each)}\n\n`).join(''),
});
const chatChunk = {
  ...{ id: 'chatcmpl-run_0', object: 'chat.completion.chunk', created: 1, model: 'm' },
  choices: [{ index: 0, delta: { content: 'x' }, logprobs: null, finish_reason: null }],
};
const chatError = { error: { message: 'why', type: 'server_error', param: null, code: 'idle_timeout' } };

test("OpenAI's shapes pass the check on OpenAI's paths, and a problem does not", () => {
  expect(check(CHAT, chatStream(chatChunk, '[DONE]'))).toEqual([]);
  expect(check(CHAT, chatStream(chatChunk, chatError))).toEqual([]);
  const json = { 'content-type': 'application/json' };
  expect(check(CHAT, answer(400, chatError, json))).toEqual([]);
  expect(check(get('/v1'), problem('gateway_refused'))).toEqual([]);
  expect(check(CHAT, problem('not_found')).join()).toContain('is of the type application/problem+json');
  expect(check(CHAT, answer(404, { detail: 'x' }, json)).join()).toContain('the error');
  expect(check(CHAT, answer(502, chatError, json)).join()).toContain('502');
});

test('the check finds faults in a stream of chunks', () => {
  expect(check(CHAT, chatStream(chatChunk)).join()).toContain('the stream ends with');
  const odd = { ...chatChunk, object: 'chunk' };
  expect(check(CHAT, chatStream(odd, '[DONE]')).join()).toContain('ChatCompletionChunk: /object');
});

test('a stream of completions has chunks of its own', () => {
  const chunk = {
    ...{ id: 'cmpl-run_0', object: 'text_completion', created: 1, model: 'm' },
    choices: [{ index: 0, text: 'A tree', logprobs: null, finish_reason: null }],
  };
  const request: FuzzRequest = { ...get('/v1/completions'), method: 'POST', body: '{}' };
  expect(check(request, chatStream(chunk, '[DONE]'))).toEqual([]);
  expect(check(CHAT, chatStream(chunk, '[DONE]')).join()).toContain('/object');
});
