import type { SearchInput } from '../../client/index.ts';

/** A figure that bounds can be set for: its field on the wire, and its name and unit for people. */
export type BoundedFigure = { field: string; title: string; unit: string };

export const BOUNDED_FIGURES: readonly BoundedFigure[] = [
  { field: 'ttft_ms', title: 'First token', unit: 'ms' },
  { field: 'tpot_ms', title: 'Per token', unit: 'ms' },
  { field: 'e2e_ms', title: 'Total time', unit: 'ms' },
  { field: 'tokens', title: 'Tokens', unit: '' },
  { field: 'cost_usd', title: 'Cost', unit: '$' },
  { field: 'seconds_per_token', title: 'Seconds per token', unit: 's' },
];

export const SINCE: readonly { value: string; label: string }[] = [
  { value: '', label: 'Any time' },
  { value: '1h', label: 'Last hour' },
  { value: '24h', label: 'Last day' },
  { value: '7d', label: 'Last week' },
  { value: '30d', label: 'Last month' },
];

export const COUNTS = [10, 25, 50, 100] as const;
const USUAL_COUNT = 10;
/** A map of ten points shows nothing. */
const USUAL_COUNT_ON_MAP = 100;

export type View = 'list' | 'map';

export const viewOf = (query: URLSearchParams): View => (query.get('view') === 'map' ? 'map' : 'list');

export const countOf = (query: URLSearchParams): number => {
  const asked = Number(query.get('top_k'));
  if (COUNTS.some((count) => count === asked)) return asked;
  return viewOf(query) === 'map' ? USUAL_COUNT_ON_MAP : USUAL_COUNT;
};

const TEXTS = ['model', 'label', 'run', 'since', 'until'] as const;
const METADATA = 'metadata.';

/** A condition of a search: its name in the address, and what it asks for. */
export type Condition = { name: string; value: string };

/** The conditions that an address has, in the order in which they stand in the form. */
export const conditionsOf = (query: URLSearchParams): Condition[] => {
  const bounds = BOUNDED_FIGURES.flatMap(({ field }) => [`min_${field}`, `max_${field}`]);
  const metadata = [...new Set(query.keys())].filter(isMetadata);
  return [...TEXTS, ...bounds, ...metadata].flatMap((name) => {
    const value = query.get(name)?.trim() ?? '';
    return value === '' ? [] : [{ name, value }];
  });
};

const isMetadata = (name: string): boolean => name.startsWith(METADATA) && name.length > METADATA.length;

/** A condition in words, as `model: gpt-6-luna` or `First token ≥ 200 ms`. */
export const conditionText = ({ name, value }: Condition): string => {
  const figure = BOUNDED_FIGURES.find(({ field }) => name === `min_${field}` || name === `max_${field}`);
  if (figure) {
    const sign = name.startsWith('min_') ? '≥' : '≤';
    const amount =
      figure.unit === '$' ? `$${value}` : `${value}${figure.unit === '' ? '' : ` ${figure.unit}`}`;
    return `${figure.title} ${sign} ${amount}`;
  }
  if (isMetadata(name)) return `${name.slice(METADATA.length)} = ${value}`;
  return `${name}: ${value}`;
};

/** The search that an address asks for, as the API takes it; undefined without a text to search for. */
export const searchInputOf = (query: URLSearchParams): SearchInput | undefined => {
  const text = query.get('q')?.trim() ?? '';
  if (text === '') return undefined;
  const filter = conditionsOf(query).map(({ name, value }): [string, string | number] => {
    if (name === 'run') return ['run_id', value];
    return [name, /^(min|max)_/.test(name) && !Number.isNaN(Number(value)) ? Number(value) : value];
  });
  return {
    query: text,
    top_k: countOf(query),
    // A bound that is no number is left to the API to refuse.
    ...(filter.length > 0 && { filter: Object.fromEntries(filter) as NonNullable<SearchInput['filter']> }),
    ...(viewOf(query) === 'map' && { include: ['vectors'] }),
  };
};
