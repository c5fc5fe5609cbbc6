import { ConfigurationError, type EverytokenError, UpstreamError } from '../../errors.ts';
import { withRefusedField } from '../../generate/model.ts';
import { refusedField } from '../../sampling/refused-field.ts';
import { withoutPrompt } from '../upstream.ts';

/** What a model server answered instead of text. `status` is missing for an error inside a stream. */
export type Refused = {
  status?: number | undefined;
  code?: string | number | null | undefined;
  type?: string | null | undefined;
  param?: string | null | undefined;
  message?: unknown;
  retryAfterMs?: number | undefined;
};

/**
 * What the message must not repeat (prompts and the key), the fields among which a refused one is looked for, and the
 * configured provider that was asked (undefined: the default server).
 */
export type Asked = { readonly secrets: string[]; fields: string[]; provider?: string | undefined };

/** Where an operator sets right what is wrong with a server's key or address. */
export const placesOf = (provider: string | undefined): { who: string; key: string; address: string } =>
  provider === undefined
    ? { who: 'openai', key: 'OPENAI_API_KEY', address: 'OPENAI_BASE_URL' }
    : {
        who: provider,
        key: `${provider}'s key in PROVIDERS`,
        address: `${provider}'s base_url in PROVIDERS`,
      };

const OUT_OF_CREDIT = ['insufficient_quota', 'billing_not_active', 'billing_hard_limit_reached'];

const STATUS_BY_CODE: Record<string, number> = {
  rate_limit_exceeded: 429,
  rate_limit_error: 429,
  requests: 429,
  tokens: 429,
  insufficient_quota: 429,
  billing_not_active: 429,
  billing_hard_limit_reached: 429,
  invalid_request_error: 400,
  context_length_exceeded: 400,
  content_policy_violation: 400,
  content_filter: 400,
  invalid_prompt: 400,
  invalid_api_key: 401,
  authentication_error: 401,
  permission_error: 403,
  model_not_found: 404,
};

/** The HTTP status that an error inside a stream stands for, by its code, else by its type; 500 for unknown ones. */
const statusOf = ({ status, code, type }: Refused): number => {
  if (status !== undefined) return status;
  const numeric = Number(code);
  if (code && Number.isInteger(numeric) && numeric >= 400 && numeric < 600) return numeric;
  return STATUS_BY_CODE[String(code)] ?? STATUS_BY_CODE[String(type)] ?? 500;
};

/** Whether the server says that it does not have the model (rather than the address). */
export const saysModelIsMissing = (refused: Refused): boolean =>
  refused.code === 'model_not_found' ||
  (statusOf(refused) === 404 && /model/i.test(String(refused.message ?? '')));

/**
 * A model server's answer as our error: keys and addresses are the operator's (`configuration`), 429 is
 * `rate_limited` unless there is no credit (`insufficient_quota`, final), 408, 409, 425 and 5xx may be tried again
 * (`upstream_error`), other 4xx are final (`invalid_request`) and carry the server's words, cut and without the prompt.
 */
export const errorOf = (refused: Refused, { secrets, fields, provider }: Asked): EverytokenError => {
  const { status, code, type, retryAfterMs } = refused;
  const kind = statusOf(refused);
  const { who, key, address } = placesOf(provider);
  const said = typeof refused.message === 'string' ? withoutPrompt(refused.message, secrets) : '';
  const because = said === '' ? '' : `: ${said}`;
  if (kind === 401) {
    return new ConfigurationError(`${who}: the model server refused the API key (401); check ${key}`);
  }
  if (kind === 403) {
    return new ConfigurationError(`${who}: the model server denied access (403); check what ${key} may use`);
  }
  if (kind === 404) {
    return new ConfigurationError(`${who}: no chat completions at this address (404); check ${address}`);
  }
  if (kind === 429) {
    const final = OUT_OF_CREDIT.includes(String(code)) || OUT_OF_CREDIT.includes(String(type));
    return final
      ? new UpstreamError('openai', 'the account at the model server has no credit left (429)', {
          code: 'insufficient_quota',
          retryable: false,
          status,
        })
      : new UpstreamError('openai', `the model server limits the rate (429)${because}`, {
          code: 'rate_limited',
          status,
          retryAfterMs,
        });
  }
  if (kind >= 500 || kind === 408 || kind === 409 || kind === 425 || kind < 400) {
    return new UpstreamError('openai', `the model server failed (${kind})${because}`, {
      status,
      retryAfterMs,
    });
  }
  const error = new UpstreamError('openai', `the model server refused the request (${kind})${because}`, {
    code: 'invalid_request',
    retryable: false,
    status,
  });
  const message = String(refused.message ?? '');
  return withRefusedField(
    error,
    refusedField({ message, param: refused.param, code: String(code ?? '') }, fields),
  );
};

/** `model_not_found`, naming up to ten models that the server has. */
export const modelNotFound = (model: string, has: string[], status: number | undefined): UpstreamError =>
  new UpstreamError(
    'openai',
    `the model server does not have ${model}${has.length === 0 ? '' : `; it has ${has.slice(0, 10).join(', ')}`}`,
    { code: 'model_not_found', retryable: false, status },
  );
