/** A ```console block of a document: its lines, and the terminal in which its commands are typed. */
export type Block = {
  /** The offset of its first line in the document. */
  start: number;
  end: number;
  text: string;
  /** 1, or the number in `<!-- terminal 2 -->` before the block. */
  terminal: number;
  /** `<!-- terminal 2, until 26 of 40 -->`: the block is a picture of that terminal at the moment when it shows this. */
  until: string | undefined;
};

const BLOCK = /(?:^<!-- terminal (\d)(?:, until (.+?))? -->\n+)?^```console\n(.*?)^```$/gms;

/** The console blocks of a document, in order. */
export const blocksIn = (document: string): Block[] =>
  [...document.matchAll(BLOCK)].map((match) => {
    const [whole, terminal = '1', until, text = ''] = match;
    const start = match.index + whole.lastIndexOf('```console\n') + '```console\n'.length;
    return { start, end: start + text.length, text, terminal: Number(terminal), until };
  });

const PROMPT = '$ ';

/** The commands of a block: its lines with a prompt, those that they go on in (after `\`) included. */
export const commandsIn = ({ text }: Pick<Block, 'text'>): string[] => {
  const commands: string[] = [];
  let isOpen = false;
  for (const line of text.split('\n')) {
    if (line.startsWith(PROMPT)) commands.push(line.slice(PROMPT.length));
    else if (isOpen) commands.push(`${commands.pop()}\n${line}`);
    else continue;
    isOpen = line.endsWith('\\');
  }
  return commands;
};

const MOST_LINES = 44;
const LAST_LINES = 12;

/** A command with its output; of a long one the first and the last lines. */
export const recorded = (command: string, output: readonly string[]): string => {
  const shown =
    output.length <= MOST_LINES
      ? output
      : [...output.slice(0, MOST_LINES - LAST_LINES), '…', ...output.slice(-LAST_LINES)];
  return `${[`${PROMPT}${command}`, ...shown].join('\n')}\n`;
};

/** The document with other texts in its blocks. */
export const withTexts = (document: string, blocks: readonly Block[], texts: readonly string[]): string =>
  blocks
    .map((block, at) => ({ ...block, text: texts[at] ?? block.text }))
    .toReversed()
    .reduce((text, block) => text.slice(0, block.start) + block.text + text.slice(block.end), document);
