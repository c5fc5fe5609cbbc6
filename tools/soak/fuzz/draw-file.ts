import { gzipSync } from 'node:zlib';
import { type Draw, drawBytes, drawOddText, drawWords, makeDraw } from './draw.ts';

export type FuzzFile = {
  number: number;
  key: string;
  bytes: Buffer;
  /** Whether its name is one of a prompt file. */
  isServed: boolean;
  fault: string;
};

const SERVED = ['txt', 'md', 'json', 'jsonl', 'csv'] as const;
type Extension = (typeof SERVED)[number];
const UNSERVED = ['.pdf', '.gz', '.json.bak', '', '/', '.txt ', '.defaults.json', '.html', '.'];
const STREAM = 1_000_000;
const MOST_BYTES: Partial<Record<Extension, number>> = { txt: 1024 * 1024, md: 1024 * 1024 };

/** Draws file `number`: its key, its bytes and their fault. The same seed and number give the same file. */
export const drawFile = (seed: number, number: number): FuzzFile => {
  const draw = makeDraw(seed, STREAM + number);
  const extension = draw.pick(SERVED);
  const isServed = !draw.chance(0.12);
  const fault = draw.pick(FAULTS);
  const suffix = isServed
    ? `.${draw.chance(0.1) ? extension.toUpperCase() : extension}`
    : draw.pick(UNSERVED);
  return {
    ...{ number, isServed, fault },
    key: `prompts/${drawName(number, draw)}${suffix}`,
    bytes: FILE_FAULTS[fault](draw, extension, number),
  };
};

/** A key with odd parts. The number makes most keys unique; a few repeat and overwrite an earlier file. */
const drawName = (number: number, draw: Draw): string => {
  const folder = draw.pick([
    'fuzz',
    '@local/fuzz',
    '@/fuzz',
    '@docs/fuzz',
    'fuzz/../..',
    'fuzz//x',
    '../fuzz',
  ]);
  const odd = draw.pick([
    'plain',
    'a+b',
    'a b',
    '100%',
    '%2F',
    '%zz',
    'é',
    '漢字',
    '👩‍👩‍👧',
    'a&b=c',
    'q\'uo"te',
    'a#b?c',
    '*',
    ':',
    'a.b',
    '~',
  ]);
  const own = draw.chance(0.05) ? Math.floor(number / 20) : number;
  return `${folder}/${odd}-${own}`;
};

const prompt = (draw: Draw): string =>
  draw.chance(0.2) ? drawOddText(draw).toWellFormed() : drawWords(draw);
const lineOf = (draw: Draw) => ({
  prompt: prompt(draw),
  max_tokens: 1 + draw.below(8),
  index: draw.chance(0.5),
});
const batchLineOf = (draw: Draw, at: number) => ({
  custom_id: `line-${draw.chance(0.1) ? 0 : at}`,
  method: 'POST',
  url: '/v1/chat/completions',
  body: {
    model: 'everytoken-ngram',
    messages: [{ role: 'user', content: prompt(draw) }],
    max_tokens: 1 + draw.below(8),
  },
});
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

/** A valid file of the format. */
const validText = (draw: Draw, extension: Extension): string => {
  const lines = 1 + draw.below(3);
  const each = <T>(make: (at: number) => T): T[] => Array.from({ length: lines }, (_, at) => make(at));
  const end = draw.pick(['\n', '\r\n']);
  if (extension === 'txt') return `${drawWords(draw)}${end}${prompt(draw)}`;
  if (extension === 'md') return `---${end}max_tokens: 5${end}---${end}# ${drawWords(draw)}${end}`;
  if (extension === 'json') return JSON.stringify(lines === 1 ? lineOf(draw) : each(() => lineOf(draw)));
  if (extension === 'csv') {
    const mark = draw.pick([',', ';', '\t']);
    const rows = each((at) => [quoted(prompt(draw)), '4', `note ${at}`].join(mark));
    return [['prompt', 'max_tokens', 'note'].join(mark), ...rows].join(end);
  }
  const isBatch = draw.chance(0.4);
  const rows: object[] = each((at) => (isBatch ? batchLineOf(draw, at) : lineOf(draw)));
  if (draw.chance(0.2)) rows.unshift({ defaults: { max_tokens: 4 } });
  return rows.map((row) => JSON.stringify(row)).join(end);
};

const FILE_FAULTS = {
  valid: (draw, extension) => Buffer.from(validText(draw, extension)),
  'byte order mark': (draw, extension) => Buffer.from(`\ufeff${validText(draw, extension)}`),
  empty: (draw) => Buffer.from(draw.pick(['', ' ', '\n\n', '\ufeff', '[]', '{}', 'null', 'prompt\n'])),
  bytes: (draw) => drawBytes(draw, 1 + draw.below(400)),
  'zero bytes': (draw) => Buffer.alloc(1 + draw.below(300)),
  truncated: (draw, extension) => {
    const bytes = Buffer.from(validText(draw, extension));
    return bytes.subarray(0, draw.below(bytes.length));
  },
  'flipped bytes': (draw, extension) => {
    const bytes = Buffer.from(validText(draw, extension));
    for (let flips = 1 + draw.below(3); flips > 0; flips -= 1)
      bytes[draw.below(bytes.length)] = draw.below(256);
    return bytes;
  },
  gzip: (draw, extension) => gzipSync(validText(draw, extension)),
  'utf-16': (draw, extension) => Buffer.from(`\ufeff${validText(draw, extension)}`, 'utf16le'),
  'other kind': (draw) => Buffer.from(validText(draw, draw.pick(SERVED))),
  'odd values': (draw, extension) => Buffer.from(oddValues(draw, extension)),
  'too deep': (draw) => {
    const depth = draw.pick([70, 1_000, 20_000]);
    return Buffer.from(`${'['.repeat(depth)}${']'.repeat(depth)}`);
  },
  'many lines': (draw, extension, number) =>
    // Only every tenth file: each bad line takes a line in the results.
    number % 10 === 0 ? Buffer.from(manyBadLines(extension)) : Buffer.from(validText(draw, extension)),
  'too large': (draw, extension, number) => {
    const most = MOST_BYTES[extension];
    if (most === undefined || number % 10 !== 0) return drawBytes(draw, 900);
    return Buffer.alloc(most + 1, 'a line of text\n');
  },
} satisfies Record<string, (draw: Draw, extension: Extension, number: number) => Buffer>;
const FAULTS = Object.keys(FILE_FAULTS) as (keyof typeof FILE_FAULTS)[];

const ODD_LINES = [
  '{"prompt": "a", "__proto__": {"prompt": "b"}}',
  '{"prompt": "\\ud800"}',
  '{"prompt": "a", "max_tokens": 1e999}',
  '{"prompt": "a", "tools": []}',
  '{"prompt": "{{name}}"}',
  '{"custom_id": "a", "method": "GET", "url": "/", "body": null}',
  '{"defaults": {"max_cost_usd": 0}}',
  '[[]]',
  '"text"',
  '{"prompt": "a", "samples": 64, "settings": []}',
];

const oddValues = (draw: Draw, extension: Extension): string => {
  const rows = Array.from({ length: 1 + draw.below(3) }, () => draw.pick(ODD_LINES));
  if (extension === 'json') return `[${rows.join(',')}]`;
  if (extension === 'csv')
    return `prompt,max_tokens,max_tokens\n${rows.map((row) => `${quoted(row)},x,-1`).join('\n')}`;
  if (extension === 'md') return `---\n${rows[0]}\n__proto__: 1\nmax_tokens: many\n---\n`;
  return rows.join('\n');
};

const manyBadLines = (extension: Extension): string => {
  const rows = Array.from({ length: 300 }, (_, at) => `{"prompt": ${at}}`);
  return extension === 'json' ? `[${rows.join(',')}]` : rows.join('\n');
};
