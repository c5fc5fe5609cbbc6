import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { withoutOwnServices } from '../../../local/settings.ts';
import { HAS_TMUX, startTmux, type TmuxPane } from '../../../tools/tmux.ts';

const LIMIT_MS = 120_000;

let pane: TmuxPane | undefined;
let dataDir: string | undefined;
afterEach(async () => {
  if (pane) {
    pane.press('C-c');
    await pane.ended().catch(() => undefined);
    pane.close();
  }
  if (dataDir) rmSync(dataDir, { recursive: true, force: true });
  pane = dataDir = undefined;
});

const start = async (columns: number, env: Record<string, string> = {}): Promise<[TmuxPane, string]> => {
  dataDir = mkdtempSync(join(tmpdir(), 'everytoken-start-'));
  const { PATH: _, HOME: __, ...hidden } = withoutOwnServices({});
  pane = startTmux([process.execPath, 'cli/everytoken.ts', 'start'], {
    columns,
    rows: 60,
    env: { ...(hidden as Record<string, string>), PORT: '0', EVERYTOKEN_DATA_DIR: dataDir, ...env },
  });
  await pane.until(/Ctrl-C/, LIMIT_MS);
  return [pane, dataDir];
};

/** Puts files into drop/ at once, as a person who copies them. */
const dropInto = (folder: string, files: Record<string, string>): void => {
  mkdirSync(join(folder, 'drop'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'drop', name), text);
};

const rows = (topic: string, count: number) =>
  `prompt\n${Array.from({ length: count }, (_, at) => `Explain ${topic} number ${at}.\n`).join('')}`;

const FILES = {
  'products.csv': rows('products', 12),
  'faq.jsonl': `{"prompt": "Explain answers."}\n{"prompt": "Explain mistakes.", "tempratur": 1}\n${'{"prompt": "Explain questions.", "max_tokens": 90}\n'.repeat(9)}`,
  'much.csv': rows('much', 24),
  'table.xlsx': 'PK',
};

/** Lines with what differs from one start to the next masked: digits, the folder, the bar. */
const masked = (lines: string[], folder: string): string[] =>
  lines.map((line) =>
    line
      .replaceAll(folder, 'DATA')
      .replace(/\d/g, '#')
      .replace(/[█▏▎▍▌▋▊▉░]+/g, 'BAR'),
  );

describe.skipIf(!HAS_TMUX).each([80, 140])('start on a terminal of %i columns', (columns) => {
  test('has a banner that stays, and a live line for each of three files', {
    timeout: LIMIT_MS * 2,
  }, async () => {
    // So slow that no file ends before all three are seen.
    const [screen, folder] = await start(columns, { EVERYTOKEN_LOCAL_PACE: '3' });
    dropInto(folder, FILES);
    // A capture can come while the screen is drawn: then the live area does not stand at the bottom.
    const busy = await screen.until(
      /^everytoken · local stack.*\nin hand(.* \d+ of \d+){3}[^\n]*\s*$/s,
      LIMIT_MS,
    );
    const live = masked(busy, folder);
    const titles = live.findIndex((line) => line.startsWith('in hand'));
    // The live area is at the bottom, and its columns stand below their titles.
    expect(live.slice(titles)).toHaveLength(4);
    expect(live[titles]).toMatch(/^in hand +done +failed +rows\/s +left +cost$/);
    for (const line of live.slice(titles + 1))
      expect(line).toMatch(
        /^(products\.csv|faq\.jsonl|much\.csv) +BAR +#+ of #+ +#+ +(#+(\.#)?|—) +(.+ s|—) +(\$[#.]+|—)$/,
      );
    expect(live[0]).toBe('everytoken · local stack');
    expect(live.join('\n')).toContain('\nAPI          http://###.#.#.#:####');
    expect(live.join('\n')).toMatch(
      /\ntry +export EVERYTOKEN_DATA_DIR=DATA\n +npx everytoken run "Explain neural nets\."/,
    );
    expect(live).toContain('drop/products.csv was taken in');
    expect(live.join(' ')).toMatch(
      /drop\/table\.xlsx is passed over: .*save it as CSV \(UTF-#\), +table\.csv/,
    );
    expect(screen.faults()).toEqual([]);
  });
});

test.skipIf(!HAS_TMUX)(
  'a file that has ended leaves its end in place of its live line',
  { timeout: LIMIT_MS * 2 },
  async () => {
    const [screen, folder] = await start(80);
    dropInto(folder, FILES);
    const ended = masked(
      await screen.until(/^(?=.*! faq\.jsonl)(?=.*✓ products\.csv)(?=.*✓ much\.csv)/s, LIMIT_MS),
      folder,
    );
    const text = ended.join('\n').replace(/\n {2}/g, ' ');
    expect(text).toMatch(
      /! faq\.jsonl: #+ of #+ lines(?: ·)? # failed \(# invalid_input\)(?: · # reused)?(?: ·)? results: DATA\/results\/faq\.jsonl\.jsonl(?: ·)? why: npx everytoken file watch file_/,
    );
    expect(text).toMatch(/✓ products\.csv: ## of ## lines(?: ·)? results: DATA\/results\/products\.csv\.csv/);
    // An ended file has no live line, and nothing is said of the objects of its results.
    await screen.until(/^(?!.*in hand)/s, LIMIT_MS);
    expect(screen.lines().join('\n')).not.toContain('is there');
    expect(screen.faults()).toEqual([]);
  },
);

test.skipIf(!HAS_TMUX)(
  'Ctrl-C says what is left unfinished, and the next start goes on with it',
  {
    timeout: LIMIT_MS * 2,
  },
  async () => {
    const [screen, folder] = await start(80, { EVERYTOKEN_LOCAL_PACE: '30' });
    dropInto(folder, { 'long.csv': rows('length', 200) });
    await screen.until(/long\.csv +\S+ +\d+ of 200/, LIMIT_MS);
    screen.press('C-c');
    const status = await screen.ended();
    expect(status, screen.lines().join('\n')).toBe(0);
    expect(screen.lines().join('\n')).toMatch(
      /ending…\nunfinished {3}long\.csv at \d+ of 200 ·( |\n +)the next start goes on with them$/,
    );
    expect(screen.faults()).toEqual([]);
  },
);
