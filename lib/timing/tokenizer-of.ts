/** A text's tokens in order, each as its length in UTF-8 bytes. */
export type Tokenizer = (text: string) => number[];

export type TokenizerName = 'o200k_base';

/** OpenAI's models since gpt-4o, dated or sized variants included, and the local model, which shares their tokens. */
const O200K = /^(?:openai\/)?(?:(?:gpt-(?:4o|4\.1|5|6)|chatgpt-4o|o[134])(?:[-.]|$)|everytoken-ngram$)/;

/** The tokenizer of a model by its name; `undefined` where none is known. */
export const tokenizerOf = (model: string): TokenizerName | undefined =>
  O200K.test(model) ? 'o200k_base' : undefined;
