import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyCheckout } from '../copy-checkout.ts';
import { startTmux, type TmuxPane } from '../tmux.ts';
import { type Block, blocksIn, commandsIn, recorded, withTexts } from './blocks.ts';

// `npm run walkthroughs` types the commands of docs/walkthroughs.md into terminals, in a copy of this checkout without
// any stored data, and writes what they show into the document. It needs tmux, and port 3000.

const ROOT = join(import.meta.dirname, '../..');
const DOCUMENT = join(ROOT, 'docs/walkthroughs.md');
const COLUMNS = 100;
const LIMIT_MS = 600_000;

/** `mark` tells the output of its last command from those before. */
type Terminal = { pane: TmuxPane; running: string | undefined; mark: number };

/** `<!-- terminal 2, until the end -->`: Ctrl-C is pressed, and the picture is of the end. */
const THE_END = 'the end';

/** Types commands into bash and reads what they print, between marks that nothing else prints. */
const makeTerminals = (folder: string) => {
  const terminals = new Map<number, Terminal>();
  let count = 0;
  const env = { PS1: '$ ', TZ: 'UTC', HISTFILE: '' };
  // bash gets it as a command: tmux hands its own search path to what it starts.
  const path = `export PATH="${join(folder, '.bin')}:${join(folder, 'node_modules/.bin')}:$PATH"`;
  const open = (number: number): Terminal => {
    const pane = startTmux(['bash', '--norc', '--noprofile'], { columns: COLUMNS, env });
    const terminal: Terminal = { pane, running: undefined, mark: 0 };
    terminals.set(number, terminal);
    pane.press(`cd ${folder}; ${path}`, 'Enter');
    return terminal;
  };
  const shown = ({ pane, mark }: Terminal): string[] => {
    const lines = pane.lines();
    const begin = lines.lastIndexOf(`@begin ${mark}`);
    const end = lines.lastIndexOf(`@end ${mark}`);
    return lines
      .slice(begin + 1, end < begin ? undefined : end)
      .map((line) => line.replaceAll(folder, '~/everytoken'));
  };
  const begin = (terminal: Terminal, command: string): void => {
    count += 1;
    const script = join(folder, '.bin', `command-${count}`);
    writeFileSync(script, `echo '@begin ${count}'\n${command}\necho\necho '@end ${count}'\n`);
    terminal.pane.press(`. ${script}`, 'Enter');
    terminal.running = command;
    terminal.mark = count;
  };
  return {
    run: async (block: Block): Promise<string> => {
      const terminal = terminals.get(block.terminal) ?? open(block.terminal);
      let text = '';
      for (const command of commandsIn(block)) {
        console.log(`$ ${command}`);
        if (terminal.running !== command) begin(terminal, command);
        const isPicture = block.until !== undefined && block.until !== THE_END;
        if (block.until === THE_END) terminal.pane.press('C-c');
        const end = new RegExp(`^@end ${terminal.mark}$`, 'm');
        await terminal.pane.until(isPicture ? new RegExp(block.until ?? '') : end, LIMIT_MS);
        if (!isPicture) terminal.running = undefined;
        text += recorded(command, trimmed(shown(terminal)));
      }
      return text;
    },
    close: () => {
      for (const { pane, running } of terminals.values()) {
        if (running !== undefined) pane.press('C-c');
        pane.close();
      }
    },
  };
};

const trimmed = (lines: string[]): string[] => {
  const last = lines.findLastIndex((line) => line !== '');
  return lines.slice(0, last + 1);
};

const folder = mkdtempSync(join(tmpdir(), 'everytoken-walk-'));
const document = readFileSync(DOCUMENT, 'utf8');
const blocks = blocksIn(document);
const terminals = makeTerminals(folder);
try {
  copyCheckout(folder);
  mkdirSync(join(folder, '.bin'));
  const command = `#!/bin/sh\nexec node ${join(folder, 'cli/everytoken.ts')} "$@"\n`;
  writeFileSync(join(folder, '.bin/everytoken'), command, { mode: 0o755 });
  const texts: string[] = [];
  for (const block of blocks) texts.push(await terminals.run(block));
  writeFileSync(DOCUMENT, withTexts(document, blocks, texts));
} finally {
  terminals.close();
  rmSync(folder, { recursive: true, force: true });
}
