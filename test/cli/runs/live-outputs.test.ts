import { expect, test } from 'vitest';
import { showOutputs } from '../../../cli/runs/live-outputs.ts';
import { makeScreen } from '../../../cli/terminal/screen.ts';
import type { Generation } from '../../../client/index.ts';
import { generationView } from '../../fixtures/run-view.ts';
import { makeTerminal } from '../terminal/terminal.ts';

const LONG = 'A vector database stores vectors and finds the nearest ones of a query.';
const TITLES = ['One', 'Two', 'Three'];
const outputs = TITLES.map((label) => generationView({ label, text: `${LONG}\n` }) as unknown as Generation);

test('outputs that do not fit side by side are wrapped between words, one after another', () => {
  const terminal = makeTerminal(61, 40);
  const shown = showOutputs(makeScreen(terminal, {}), TITLES, () => {});
  shown.finish(outputs);
  expect(terminal.lines().slice(0, 4)).toEqual([
    'One',
    'A vector database stores vectors and finds the nearest ones',
    'of a query.',
    '',
  ]);
});

test('in a pipe each text is one line, as it is', () => {
  let written = '';
  const screen = makeScreen({ write: (text) => (written += text) }, {});
  showOutputs(screen, TITLES, () => {}).finish(outputs);
  expect(written).toBe(TITLES.map((title) => `${title}\n${LONG}\n`).join('\n'));
});
