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

/** A style holds on until it is taken back, over line ends too. */
const markedUp = (text: string): string => {
  const styles = new Map<'weight' | 'colour', string>();
  let open = false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: styles begin with it
  const marked = text.replace(/\x1b\[([\d;]*)m|[&<>]/g, (found, codes: string | undefined) => {
    if (codes === undefined) return `&#${found.charCodeAt(0)};`;
    for (const code of codes.split(';')) change(styles, code);
    const close = open ? '</span>' : '';
    open = styles.size > 0;
    return open ? `${close}<span style="${[...styles.values()].join(';')}">` : close;
  });
  return open ? `${marked}</span>` : marked;
};

/** https://en.wikipedia.org/wiki/ANSI_escape_code#Select_Graphic_Rendition_parameters */
const change = (styles: Map<'weight' | 'colour', string>, code: string): void => {
  if (code === '' || code === '0') styles.clear();
  if (code === '22') styles.delete('weight');
  if (code === '39') styles.delete('colour');
  const style = STYLES.get(code);
  if (style !== undefined) styles.set(code === '1' || code === '2' ? 'weight' : 'colour', style);
};
