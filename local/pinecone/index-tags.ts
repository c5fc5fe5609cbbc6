import { invalid } from './pinecone-error.ts';
import { asObject, asString } from './request-input.ts';

export type Tags = Record<string, string>;

const MAX_TAGS = 20;
const KEY = /^[A-Za-z0-9_-]{1,80}$/;
const VALUE = /^[\x20-\x7e]{0,120}$/;

/** Tags as sent: an empty value asks for the tag's removal. */
export const parseTags = (value: unknown): Tags =>
  Object.fromEntries(
    Object.entries(asObject(value, 'tags')).map(([key, item]) => {
      const text = asString(item, `tag '${key.slice(0, 80)}'`);
      if (!KEY.test(key))
        throw invalid("a tag's key must be 1 to 80 characters of letters, digits, '_' and '-'");
      if (!VALUE.test(text))
        throw invalid(`the value of tag '${key}' must be at most 120 printable ASCII characters`);
      return [key, text];
    }),
  );

export const applyTags = (tags: Tags, changes: Tags): Tags => {
  const merged = Object.fromEntries(
    Object.entries({ ...tags, ...changes }).filter(([, value]) => value !== ''),
  );
  const count = Object.keys(merged).length;
  if (count > MAX_TAGS) throw invalid(`an index may have at most ${MAX_TAGS} tags, got ${count}`);
  return merged;
};
