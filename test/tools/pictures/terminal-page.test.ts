import { expect, test } from 'vitest';
import { terminalPage } from '../../../tools/pictures/terminal-page.ts';

test('shows the styles of a terminal over line ends, and text as text', () => {
  const page = terminalPage('\x1b[1mtitle\nstill\x1b[0m <b> \x1b[2mdim');
  expect(page).toContain(
    '<span style="font-weight:bold">title\nstill</span> &#60;b&#62; <span style="color:#8b949e">dim</span>',
  );
});

test('keeps a weight when a colour is taken back, as tmux writes it', () => {
  expect(terminalPage('\x1b[2mdim\n\x1b[0;1m\x1b[39m\x1b[49mclock\x1b[0m x')).toContain(
    '<span style="color:#8b949e">dim\n</span><span style="font-weight:bold"></span><span style="font-weight:bold"></span><span style="font-weight:bold">clock</span> x',
  );
});
