/** The values of the form, as texts; an empty one is left out. */
export type Options = {
  template: string;
  model: string;
  max_tokens: string;
  temperature: string;
  top_p: string;
  top_k: string;
  samples: string;
  max_cost_usd: string;
  /** Lines of `name=value`. */
  metadata: string;
  /** Any other fields, as a JSON object. */
  others: string;
  dry_run: boolean;
  rerun: boolean;
  batch: boolean;
};

export const NO_OPTIONS: Options = {
  template: '',
  model: '',
  max_tokens: '',
  temperature: '',
  top_p: '',
  top_k: '',
  samples: '',
  max_cost_usd: '',
  metadata: '',
  others: '',
  dry_run: false,
  rerun: false,
  batch: false,
};

/** Fields for every row as the API takes them, or what is wrong with the form, by its field. */
export type Defaults = { fields: { [name: string]: unknown }; faults: Map<keyof Options, string> };

const NUMBERS = ['max_tokens', 'temperature', 'top_p', 'top_k', 'samples', 'max_cost_usd'] as const;

/** Reads the form. The API checks the ranges of numbers, and names the field. */
export const defaultsOf = (options: Options): Defaults => {
  const faults = new Map<keyof Options, string>();
  const others = othersOf(options.others, faults);
  const metadata = metadataOf(options.metadata, faults);
  const numbers = NUMBERS.flatMap((name): [string, number][] => {
    const text = options[name].trim().replace(',', '.');
    if (text === '') return [];
    const value = Number(text);
    if (!Number.isFinite(value)) faults.set(name, 'It takes a number, such as 0.7.');
    return [[name, value]];
  });
  const fields = {
    ...others,
    ...(options.template.trim() !== '' && { prompt: options.template.replace(/\r?\n$/, '') }),
    ...(options.model.trim() !== '' && { model: options.model.trim() }),
    ...Object.fromEntries(numbers),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(options.dry_run && { dry_run: true }),
    ...(options.rerun && { rerun: true }),
    ...(options.batch && { mode: 'batch' }),
  };
  return { fields, faults };
};

const othersOf = (text: string, faults: Defaults['faults']): object => {
  if (text.trim() === '') return {};
  const fields = objectOf(text);
  if (fields === undefined) faults.set('others', 'It takes a JSON object, such as {"seed": 1}.');
  return fields ?? {};
};

const objectOf = (text: string): object | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const metadataOf = (text: string, faults: Defaults['faults']): { [key: string]: string } => {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.some((line) => line.indexOf('=') < 1)) faults.set('metadata', 'Each line takes name=value.');
  return Object.fromEntries(
    lines.flatMap((line): [string, string][] => {
      const at = line.indexOf('=');
      return at < 1 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()]];
    }),
  );
};

/** The fields of a `.defaults.json`, alone or under `defaults`; undefined where it holds no object. */
export const sidecarFields = (text: string): { [name: string]: unknown } | undefined => {
  const value = objectOf(text.replace(/^\u{feff}/u, ''));
  if (value === undefined) return undefined;
  const fields = Object.fromEntries<unknown>(Object.entries(value));
  const { defaults, ...rest } = fields;
  if (Object.keys(rest).length === 0 && typeof defaults === 'object' && defaults !== null)
    return Object.fromEntries<unknown>(Object.entries(defaults));
  return fields;
};

/** The form's fields over those of the file beside it. A prompt takes the place of messages; metadata is merged by name. */
export const overlaid = (base: Defaults['fields'], own: Defaults['fields']): Defaults['fields'] => {
  const { prompt, messages, ...rest } = base;
  const hasOwnPrompt = own.prompt !== undefined || own.messages !== undefined;
  const both = [base.metadata, own.metadata].filter((value) => typeof value === 'object' && value !== null);
  return {
    ...rest,
    ...(!hasOwnPrompt && prompt !== undefined && { prompt }),
    ...(!hasOwnPrompt && messages !== undefined && { messages }),
    ...own,
    ...(both.length === 2 && { metadata: Object.assign({}, ...both) }),
  };
};
