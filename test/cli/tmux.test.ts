import { afterEach, expect, test } from 'vitest';
import { HAS_TMUX, startTmux, type TmuxPane } from '../../tools/tmux.ts';

let pane: TmuxPane | undefined;
afterEach(() => pane?.close());

const node = (script: string) => [process.execPath, '-e', script];

test.skipIf(!HAS_TMUX)('a program sees a terminal of the given size, and its variables', async () => {
  pane = startTmux(
    node('console.log(process.stdout.isTTY, process.stdout.columns, process.env.GIVEN, process.env.VITEST)'),
    { columns: 77, env: { GIVEN: 'a value' } },
  );
  expect(await pane.until(/value/)).toEqual(['true 77 a value undefined']);
  expect(await pane.ended()).toBe(0);
});

test.skipIf(!HAS_TMUX)('its text stays after its end, styles apart, with its exit status', async () => {
  pane = startTmux(node('console.log("\\x1b[1mbold\\x1b[22m"); process.exit(7)'), { columns: 60 });
  expect(await pane.ended()).toBe(7);
  expect(pane.lines()).toEqual(['bold']);
  expect(pane.styled()).toContain('\x1b[1mbold');
  expect(pane.faults()).toEqual([]);
});

test.skipIf(!HAS_TMUX)('a line that wraps and an escape that can be seen are faults', async () => {
  pane = startTmux(node('console.log("w".repeat(61)); console.log("[31m red")'), { columns: 60 });
  await pane.ended();
  expect(pane.faults()).toEqual(['w'.repeat(61), '[31m red']);
});

test.skipIf(!HAS_TMUX)('keys reach it', async () => {
  pane = startTmux(
    node('process.on("SIGINT", () => process.exit(130)); console.log("up"); setInterval(() => {}, 1e6)'),
    { columns: 60 },
  );
  await pane.until(/up/);
  pane.press('C-c');
  expect(await pane.ended()).toBe(130);
});
