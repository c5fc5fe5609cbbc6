/** A text that occurs nowhere by chance. Each field that it is put into adds two letters of its own. */
const CANARY = 'kanarienvogel9zq7';

const FIELDS = {
  aa: 'prompt',
  ab: 'message',
  ac: 'system message',
  ad: 'name of a message',
  ae: 'key of metadata',
  af: 'value of metadata',
  ag: 'label',
  ah: 'stop',
  ai: 'check',
  aj: 'schema',
  ak: 'extra_body',
  al: 'unknown field',
  am: 'Idempotency-Key',
  an: 'name of a file',
  ao: 'custom_id',
  ap: 'column of a table',
  aq: 'cell of a table',
  ar: 'template',
  as: 'front matter',
  at: 'bad line',
  au: 'model',
  av: 'prompt of a comparison',
  aw: 'user of a chat',
  ax: 'prompt of a batch',
  ay: 'folder of a file',
  az: 'prompt that the model server repeats in its error',
} as const;
export type Field = keyof typeof FIELDS;

export const canary = (field: Field): string => `${CANARY}${field}`;

/** The inner characters of a text's base64 at one of three alignments, which do not depend on its neighbours. */
const base64At = (text: string, shift: number): string => {
  const encoded = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)]).toString('base64');
  return encoded.slice(shift === 0 ? 0 : shift + 1, -4).replace(/=+$/, '');
};

const CASES = [CANARY, CANARY.toUpperCase(), CANARY[0]?.toUpperCase() + CANARY.slice(1)];
const hexOf = (text: string): string => Buffer.from(text).toString('hex');

/** How the canary may stand somewhere; all but base64 are compared in lower case. */
const FORMS: { name: string; isExact: boolean; texts: string[] }[] = [
  { name: 'plain', isExact: false, texts: [CANARY] },
  {
    name: 'base64',
    isExact: true,
    texts: CASES.flatMap((text) => [0, 1, 2].map((shift) => base64At(text, shift))),
  },
  {
    name: 'base64url',
    isExact: true,
    texts: CASES.flatMap((text) =>
      [0, 1, 2].map((shift) => base64At(text, shift).replaceAll('+', '-').replaceAll('/', '_')),
    ),
  },
  { name: 'hex', isExact: false, texts: CASES.map(hexOf) },
  { name: 'URL-encoded', isExact: false, texts: CASES.map((text) => hexOf(text).replace(/../g, '%$&')) },
];

/** The fields and forms in which a text has the canary, such as `label` or `base64`; none if it has not. */
export const canariesIn = (text: string): string[] => {
  const lower = text.toLowerCase();
  const named = [...lower.matchAll(new RegExp(`${CANARY}(a[a-z])?`, 'g'))].map(
    ([, field]) => FIELDS[field as Field] ?? 'plain',
  );
  const encoded = FORMS.slice(1).filter(({ isExact, texts }) =>
    texts.some((form) => (isExact ? text.includes(form) : lower.includes(form.toLowerCase()))),
  );
  return [...new Set([...named, ...encoded.map(({ name }) => name)])].sort();
};
