import { ConfigurationError, type EverytokenError, type ServerNames, UpstreamError } from '../../errors.ts';
import { withRefusedField } from '../../generate/model.ts';
import { isEmbedder } from '../../sampling/catalogue.ts';
import { refusedField, type SentField } from '../../sampling/refusals.ts';
import type { Endpoint } from '../../sampling/setting.ts';
import { withoutPrompt } from '../upstream.ts';
import type { Refused } from './refused.ts';

/**
 * The facts of a request that its error is made with: texts that the message must not repeat (prompts, outputs and the
 * key), the fields sent, to find the refused one among them, and the configured provider (undefined for the default
 * server).
 */
export type SentRequest = {
  readonly secrets: readonly string[];
  fields: SentField[];
  provider?: string | undefined;
  /** As of `ModelRequest`. */
  endpoint?: Endpoint | undefined;
};

/** A server's name, and the settings where an operator corrects its key and address, for error messages. */
export const settingsOf = (provider: string | undefined): { name: string; key: string; address: string } =>
  provider === undefined
    ? { name: 'openai', key: 'OPENAI_API_KEY', address: 'OPENAI_BASE_URL' }
    : {
        name: provider,
        key: `${provider}'s key in PROVIDERS`,
        address: `${provider}'s base_url in PROVIDERS`,
      };

/**
 * Translates a model server's error.
 * - A refused key, 403 and (outside a stream) 404 become a `ConfigurationError`, because the operator has to correct
 *   the key or the URL.
 * - 429 becomes `rate_limited`; 402, or 429 when the account is out of credit, `insufficient_quota` (not retryable).
 * - 408, 409, 425, 5xx and errors of unknown class become `upstream_error` (retryable).
 * - Other 4xx become `invalid_request` (not retryable), and so does any error of these last two that refuses a field.
 *
 * Messages have the server's own words and code, cut and without prompt and output, unless they are about the key.
 * `ownWords` has its status alone.
 */
export const errorOf = (refused: Refused, { secrets, fields, provider }: SentRequest): EverytokenError => {
  const { status, retryAfterMs } = refused;
  const { name, key, address } = settingsOf(provider);
  const kind = refused.kind ?? 500;
  const said = saidBy(refused, secrets);
  const inBrief = `(${kind})`;
  if (refused.refusesKey) {
    return new ConfigurationError(`${name}: the model server refused the API key (${kind}); check ${key}`);
  }
  if (kind === 403) {
    const denied = (words: string) =>
      `${name}: the model server denied access ${words}; check what ${key} may use`;
    return new ConfigurationError(denied(said), { ownWords: denied(inBrief) });
  }
  if (kind === 404 && status !== undefined) {
    const absent = (words: string) =>
      `${name}: no chat completions at this address ${words}; check ${address}`;
    return new ConfigurationError(absent(said), { ownWords: absent(inBrief) });
  }
  if (refused.isOutOfCredit) {
    return new UpstreamError('openai', `the account at the model server has no credit left (${kind})`, {
      code: 'insufficient_quota',
      retryable: false,
      status,
    });
  }
  if (kind === 429) {
    return new UpstreamError('openai', `the model server limits the rate ${said}`, {
      ownWords: `the model server limits the rate ${inBrief}`,
      code: 'rate_limited',
      status,
      retryAfterMs,
    });
  }
  const isTransient = kind >= 500 || kind === 408 || kind === 409 || kind === 425 || kind < 400;
  const field = isTransient && refused.kind !== undefined ? undefined : fieldOf(refused, fields);
  if (isTransient && field === undefined) {
    return new UpstreamError('openai', `the model server failed ${said}`, {
      ownWords: `the model server failed ${inBrief}`,
      status,
      retryAfterMs,
    });
  }
  const error = new UpstreamError('openai', `the model server refused the request ${said}`, {
    ownWords: `the model server refused the request ${inBrief}`,
    code: 'invalid_request',
    retryable: false,
    status,
    named: namedBy(refused, secrets),
  });
  return withRefusedField(error, field);
};

const MAX_NAME = 200;

/** The code and the field that an error names, without anything of the prompt. */
const namedBy = ({ code, complaints }: Refused, secrets: readonly string[]): ServerNames => {
  const shown = (text: string) => withoutPrompt(text.slice(0, MAX_NAME), secrets);
  const param = complaints.map((complaint) => complaint.param ?? '').find((path) => path !== '');
  return {
    ...(code !== '' && { server_code: shown(code) }),
    ...(param !== undefined && { param: shown(param) }),
  };
};

const fieldOf = ({ complaints }: Refused, fields: readonly SentField[]): string | undefined => {
  for (const complaint of complaints) {
    const field = refusedField(complaint, fields);
    if (field !== undefined) return field;
  }
  return undefined;
};

/** The status, code and words of an error: `(400 context_length_exceeded): it is too long`. */
const saidBy = ({ kind = 500, code, message }: Refused, secrets: readonly string[]): string => {
  const [shownCode, shown] = [code, message].map((text) => withoutPrompt(text, secrets));
  return `(${[kind, shownCode].filter(Boolean).join(' ')})${shown === '' ? '' : `: ${shown}`}`;
};

/** The error of a server that has no completions beside its chat completions, or not for this model. */
export const hasNoCompletions = (refused: Refused, secrets: readonly string[]): UpstreamError => {
  const absent = (words: string) =>
    `the model server has no completions for this model ${words}; use /v1/chat/completions`;
  return new UpstreamError('openai', absent(saidBy(refused, secrets)), {
    ownWords: absent(`(${refused.kind})`),
    code: 'invalid_request',
    retryable: false,
    status: refused.status,
  });
};

/** Where an operator sets the API that a model is asked by. */
const API_SETTING = "the model's api in MODEL_CATALOGUE, or that of its provider in PROVIDERS";

/** The error of a server that does not have the API that a model is asked by: the operator has to set the other. */
export const hasOtherApi = (
  refused: Refused,
  { secrets, provider, endpoint }: SentRequest,
): ConfigurationError => {
  const { name } = settingsOf(provider);
  const [lacks, other] =
    endpoint === 'responses' ? ['the Responses API', 'chat_completions'] : ['chat completions', 'responses'];
  const absent = (words: string) =>
    `${name}: the model server does not answer this by ${lacks} ${words}; set ${API_SETTING}, to "${other}"`;
  return new ConfigurationError(absent(saidBy(refused, secrets)), { ownWords: absent(`(${refused.kind})`) });
};

/** The error `model_not_found`, whose message names up to ten models of the server that generate text. */
export const modelNotFound = (
  model: string,
  available: string[],
  status: number | undefined,
): UpstreamError => {
  const others = available.filter((id) => !isEmbedder(id)).slice(0, 10);
  const lacks = isEmbedder(model) ? `${model} generates no text` : `the model server does not have ${model}`;
  return new UpstreamError(
    'openai',
    others.length === 0 ? lacks : `${lacks}; the server has ${others.join(', ')}`,
    {
      ownWords: 'the model server does not have this model',
      code: 'model_not_found',
      retryable: false,
      status,
    },
  );
};
