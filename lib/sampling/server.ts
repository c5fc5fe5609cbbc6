/** `openai`: api.openai.com and its regional hosts; `everytoken`: our own local model; `other`: anything else. */
export type ServerKind = 'openai' | 'everytoken' | 'other';

/**
 * A model server as a process knows it: its address, and the body fields it has refused so far, by model. One lives
 * as long as the process, so a refusal is paid for once.
 */
export type Server = { readonly baseUrl: string; readonly refused: Map<string, Set<string>> };

export const LOCAL_MODEL = 'everytoken-ngram';

export const makeServer = (baseUrl: string): Server => ({ baseUrl, refused: new Map() });

export const kindOf = ({ baseUrl }: Pick<Server, 'baseUrl'>, model: string): ServerKind => {
  if (isOpenAI(baseUrl)) return 'openai';
  return model === LOCAL_MODEL ? 'everytoken' : 'other';
};

/** Whether an address is OpenAI's own; false for what is no address at all. */
export const isOpenAI = (baseUrl: string): boolean => {
  const host = URL.parse(baseUrl)?.hostname;
  return host === 'api.openai.com' || (host?.endsWith('.api.openai.com') ?? false);
};

/** Remembers that this server refuses a field for this model. */
export const rememberRefusal = ({ refused }: Server, model: string, field: string): void => {
  const fields = refused.get(model) ?? new Set<string>();
  refused.set(model, fields.add(field));
};
