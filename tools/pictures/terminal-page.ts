/** The styles that a screen of the command line writes (cli/terminal/screen.ts), as CSS. */
const STYLES: ReadonlyMap<string, string> = new Map([
  ['1', 'font-weight:bold'],
  ['2', 'color:#8b949e'],
  ['31', 'color:#ff7b72'],
  ['32', 'color:#7ee787'],
  ['33', 'color:#e3b341'],
]);

/** A page that shows what a terminal shows: `text` with escape sequences of styles, as tmux captures them. */
export const terminalPage = (text: string): string =>
  `<!doctype html><meta charset="utf-8"><style>
    body { margin: 0; background: #0d1117; color: #f0f6fc; }
    pre { margin: 0; padding: 34px 40px; display: inline-block; font: 20px/1.5 'DejaVu Sans Mono', monospace; }
  </style><pre>${markedUp(text)}</pre>`;

/** A style holds on until another one, over line ends too. */
const markedUp = (text: string): string => {
  let open = false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: styles begin with it
  const marked = text.replace(/\x1b\[([\d;]*)m|[&<>]/g, (found, codes: string | undefined) => {
    if (codes === undefined) return `&#${found.charCodeAt(0)};`;
    const styles = codes.split(';').flatMap((code) => STYLES.get(code) ?? []);
    const close = open ? '</span>' : '';
    open = styles.length > 0;
    return open ? `${close}<span style="${styles.join(';')}">` : close;
  });
  return open ? `${marked}</span>` : marked;
};
