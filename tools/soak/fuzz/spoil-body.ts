import { isObject } from '../../../lib/json/value.ts';
import { type Draw, drawBytes, drawOddText } from './draw.ts';

/** A placeholder for JSON that `JSON.stringify` cannot write, such as 1e999. It is replaced after stringifying. */
const RAW = '@@raw@@';
const RAW_NUMBERS = ['1e999', '-1e999', '-0', '1E400', `${'9'.repeat(400)}`, '0.1e-999'];

/** Faults in one place of a body that stays JSON. */
export const BODY_FAULTS = [
  'other type',
  'other range',
  'odd text',
  'unknown name',
  'prototype name',
  'left out',
  'raw number',
  'too deep',
  'too long',
] as const;
/** Faults of the body's text: mostly bodies that are not a JSON object. */
export const TEXT_FAULTS = ['cut', 'flipped byte', 'bytes', 'other root', 'empty', 'twice the name'] as const;

export const spoilValue = (value: unknown, fault: (typeof BODY_FAULTS)[number], draw: Draw): string => {
  const root = { body: structuredClone(value) };
  const places = placesOf(root.body);
  // An empty body has no place but itself.
  const place = draw.pick(places.length > 0 ? places : placesOf(root).slice(0, 1));
  let raw = '1e999';
  if (fault === 'other type') {
    place.set(draw.pick([null, true, 0, '', 'text', [], {}, [[]], [null], { a: 1 }, ['1', 2]]));
  } else if (fault === 'other range') {
    place.set(draw.pick([-1, 0, 1.5, -0.001, 2.01, 1e21, 2 ** 53, -(2 ** 63), 131_073, Number.MIN_VALUE]));
  } else if (fault === 'odd text') place.set(drawOddText(draw));
  else if (fault === 'unknown name') addTo(places, root.body, draw, draw.pick(UNKNOWN_NAMES));
  else if (fault === 'prototype name') addTo(places, root.body, draw, draw.pick(PROTOTYPE_NAMES));
  else if (fault === 'left out') place.remove();
  else if (fault === 'raw number') {
    raw = draw.pick(RAW_NUMBERS);
    place.set(RAW);
  } else if (fault === 'too deep') {
    const depth = draw.pick([3, 60, 70, 1_000, 20_000]);
    raw = draw.chance(0.5)
      ? '['.repeat(depth) + ']'.repeat(depth)
      : '{"a":'.repeat(depth) + '1'.concat('}'.repeat(depth));
    place.set(RAW);
  } else place.set('long '.repeat(draw.pick([50, 500, 60_000, 250_000])));
  return (JSON.stringify(root.body) ?? '').replace(`"${RAW}"`, () => raw);
};

const UNKNOWN_NAMES = [
  'Prompt',
  'maxTokens',
  'tool',
  'best',
  '',
  ' ',
  'settings.0.top_p',
  'é',
  '\ud800',
  'id',
];
const PROTOTYPE_NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];

type Place = { value: unknown; set(value: unknown): void; remove(): void };

/** Every property and element inside an object or array, at any depth. */
const placesOf = (value: unknown): Place[] => {
  const places: Place[] = [];
  const visit = (at: unknown) => {
    if (typeof at !== 'object' || at === null) return;
    const holder = at as Record<string, unknown>;
    for (const key of Object.keys(holder)) {
      places.push({
        value: holder[key],
        set: (other) => {
          holder[key] = other;
        },
        remove: () => {
          if (Array.isArray(at)) at.splice(Number(key), 1);
          else delete holder[key];
        },
      });
      visit(holder[key]);
    }
  };
  visit(value);
  return places;
};

const addTo = (places: readonly Place[], root: unknown, draw: Draw, name: string): void => {
  const objects = [root, ...places.map(({ value }) => value)].filter(isObject);
  const value = draw.pick([1, 'text', null, { polluted: true }, []]);
  // `defineProperty` makes __proto__ an ordinary property.
  Object.defineProperty(draw.pick(objects), name, { value, enumerable: true, configurable: true });
};

export const spoilText = (text: string, fault: (typeof TEXT_FAULTS)[number], draw: Draw): string | Buffer => {
  if (fault === 'cut') return text.slice(0, draw.below(text.length));
  if (fault === 'bytes') return drawBytes(draw, 1 + draw.below(200));
  if (fault === 'other root')
    return draw.pick(['[]', '0', '"text"', 'null', 'true', `[${text}]`, `${text}${text}`]);
  if (fault === 'empty') return draw.pick(['', ' ', '\n\t', '\ufeff']);
  if (fault === 'twice the name') return text.replace(/^\{/, () => `{${text.slice(1, -1)},`);
  const bytes = Buffer.from(text);
  bytes[draw.below(bytes.length)] = draw.below(256);
  return bytes;
};
