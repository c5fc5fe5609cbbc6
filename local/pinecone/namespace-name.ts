import { invalid } from './pinecone-error.ts';
import { asString, isAbsent } from './request-input.ts';

const DEFAULT_NAMESPACE = '__default__';
const MAX_NAMESPACE_CHARACTERS = 500;

/** The name of a namespace; none, and the empty one, mean `__default__`. */
export const parseNamespace = (value: unknown): string => {
  if (isAbsent(value) || value === '') return DEFAULT_NAMESPACE;
  const name = asString(value, 'namespace');
  if (name.length > MAX_NAMESPACE_CHARACTERS) {
    throw invalid(`namespace must be at most ${MAX_NAMESPACE_CHARACTERS} characters, got ${name.length}`);
  }
  return name;
};
