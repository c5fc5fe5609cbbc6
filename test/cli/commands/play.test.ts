import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { HAS_TMUX, startTmux, type TmuxPane } from '../../../tools/tmux.ts';
import { generationView, runView } from '../../fixtures/run-view.ts';
import { runEverytoken } from '../run-everytoken.ts';
import { type ApiServer, HOSTILE, serveApi, UNPRINTABLE } from '../runs/api-server.ts';
import { traceOf } from '../runs/traces.ts';

// Each command is a process, and several test files run at once.
vi.setConfig({ testTimeout: 90_000 });

const folder = mkdtempSync(join(tmpdir(), 'everytoken-play-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let api: ApiServer;
let pane: TmuxPane | undefined;
afterEach(() => {
  pane?.close();
  pane = undefined;
  api?.close();
});

const play = (...args: string[]) => runEverytoken(['play', '--api', api.url, ...args], folder);
const chunk = (t_ms: number, text: string, more = {}) => ({ t_ms, text, tokens: 1, ...more });

test('prints the text of a stored output, and in a pipe nothing else', async () => {
  api = await serveApi({
    runs: [runView()],
    trace: traceOf([chunk(5, 'Vectors'), chunk(20, '\n\thave'), chunk(30, '.')]),
  });
  const { status, out } = await play('run_0', '--speed', '100');
  expect([status, out]).toEqual([0, 'Vectors\n\thave.\n']);
});

test('tells reasoning and calls of tools from the text', async () => {
  const call = (name: string) => ({ id: name, type: 'function' as const, function: { name, arguments: '' } });
  const output = generationView({ tool_calls: [call('get_weather'), call('get_time')] });
  const chunks = [
    chunk(1, 'Let me', { kind: 'reasoning' }),
    chunk(1, ' see', { kind: 'reasoning' }),
    chunk(2, 'It is'),
    chunk(3, '{"city":', { kind: 'tool', call: 0 }),
    chunk(3, '"Oslo"}', { kind: 'tool', call: 0 }),
    chunk(4, '{}', { kind: 'tool', call: 1 }),
  ];
  api = await serveApi({ runs: [runView({ generations: [output] })], trace: traceOf(chunks) });
  expect((await play('run_0')).out).toBe(
    '[reasoning] Let me see\nIt is\nget_weather({"city":"Oslo"})\nget_time({})\n',
  );
});

test('nothing of a hostile text reaches the output but its characters, wherever chunks cut it', async () => {
  const chunks = (HOSTILE.match(/[\s\S]{1,3}/g) ?? []).map((text, at) => chunk(at / 100, text));
  api = await serveApi({ runs: [runView()], trace: traceOf(chunks) });
  const { status, out } = await play('run_0');
  expect(status).toBe(0);
  expect(out).not.toMatch(UNPRINTABLE);
  expect(out).toContain('red');
});

test('says why there is nothing to play', async () => {
  api = await serveApi({
    runs: [runView({ generations: [generationView({ text: null, not_stored: true })] })],
  });
  const unkept = await play('run_0');
  expect([unkept.status, unkept.out]).toEqual([1, '']);
  expect(unkept.err).toContain('error: there is nothing to play: its text is not kept (store: false)\n');
  const speed = await play('run_0', '--speed', '0');
  expect([speed.status, speed.err]).toEqual([2, expect.stringContaining('it takes a number above 0')]);
});

test.skipIf(!HAS_TMUX)('on a terminal its figures follow', async () => {
  api = await serveApi({
    runs: [runView()],
    trace: traceOf([chunk(5, 'Vectors have'), chunk(20, ' neighbours.')]),
  });
  pane = startTmux([process.execPath, 'cli/everytoken.ts', 'play', 'run_0', '--api', api.url], {
    columns: 80,
  });
  expect(await pane.ended()).toBe(0);
  expect(pane.lines().slice(1)).toEqual([
    'Vectors have neighbours.',
    '',
    'first token  per token  tokens   total  cost  prompt  end',
    '      13 ms    11.0 ms       3  0.04 s     —       9  stop',
  ]);
});

test.skipIf(!HAS_TMUX)('Ctrl-C ends it in the middle', async () => {
  api = await serveApi({
    runs: [runView()],
    trace: traceOf([chunk(5, 'Vectors'), chunk(3_600_000, ' have')]),
  });
  pane = startTmux([process.execPath, 'cli/everytoken.ts', 'play', 'run_0', '--api', api.url], {
    columns: 80,
  });
  await pane.until(/Vectors/);
  pane.press('C-c');
  expect(await pane.ended()).toBe(130);
  expect(pane.lines().slice(1).join('')).toMatch(/^Vectors(\^C)?$/);
});
