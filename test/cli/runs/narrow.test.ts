import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { printFigures } from '../../../cli/runs/figures.ts';
import { SHOWN } from '../../../cli/runs/list-columns.ts';
import { tableLines } from '../../../cli/terminal/print-table.ts';
import { makeScreen } from '../../../cli/terminal/screen.ts';
import type { Run, RunSummary } from '../../../client/index.ts';
import { generationView, runView } from '../../fixtures/run-view.ts';

const outputs = ['A', 'B'].map((label, index) => generationView({ index, label, cost_usd: 0.0012 }));
const run = runView({ id: `run_${'0'.repeat(26)}`, generations: outputs, cost_usd: 0.0024 });

const printed = (columns: number, print: (screen: ReturnType<typeof makeScreen>) => void): string[] => {
  let text = '';
  print(makeScreen({ isTTY: true, columns, write: (piece) => (text += piece) }, { NO_COLOR: '1' }));
  return text.trimEnd().split('\n');
};

test('figures and statistics of outputs fit into 60 columns', () => {
  for (const columns of [60, 80, 140]) {
    const lines = printed(columns, (screen) => printFigures(screen, run as Run, { stats: true }));
    expect(lines.filter((line) => stringWidth(line) >= columns)).toEqual([]);
  }
});

test('a list of runs fits into 60 columns, also one of last month', () => {
  const summary = {
    ...run,
    labels: ['A', 'B'],
    mean_ttft_ms: 112,
    mean_tpot_ms: 11,
    e2e_ms: 360,
    prompt_preview: run.prompt,
    text_preview: 'Vectors have neighbours.',
  };
  for (const columns of [60, 80, 140]) {
    const lines = tableLines(SHOWN, [summary as unknown as RunSummary], columns - 1);
    expect(lines.filter((line) => stringWidth(line) >= columns)).toEqual([]);
    expect(lines[1]).toContain(run.id);
  }
});
