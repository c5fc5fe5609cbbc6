import { ConfigurationError, type EverytokenError, UpstreamError } from '../../errors.ts';
import { withRefusedField } from '../../generate/model.ts';
import { own } from '../../json/value.ts';
import { refusedField } from '../../sampling/refusals.ts';
import { withoutPrompt } from '../upstream.ts';

/** An error that a model server answered. `status` is undefined for an error inside a stream. */
export type Refused = {
  status?: number | undefined;
  code?: string | number | null | undefined;
  type?: string | null | undefined;
  param?: string | null | undefined;
  message?: unknown;
  retryAfterMs?: number | undefined;
};

/**
 * The facts of a request that its error is made with: texts that the message must not repeat (prompts and the key), the
 * fields sent, to find the refused one among them, and the configured provider (undefined for the default server).
 */
export type SentRequest = { readonly secrets: string[]; fields: string[]; provider?: string | undefined };

/** A server's name, and the settings where an operator corrects its key and address, for error messages. */
export const settingsOf = (provider: string | undefined): { name: string; key: string; address: string } =>
  provider === undefined
    ? { name: 'openai', key: 'OPENAI_API_KEY', address: 'OPENAI_BASE_URL' }
    : {
        name: provider,
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

/** The HTTP status of an error; for one inside a stream, the status that its code or else its type means, or 500. */
const statusOf = ({ status, code, type }: Refused): number => {
  if (status !== undefined) return status;
  const numeric = Number(code);
  if (code && Number.isInteger(numeric) && numeric >= 400 && numeric < 600) return numeric;
  return own(STATUS_BY_CODE, String(code)) ?? own(STATUS_BY_CODE, String(type)) ?? 500;
};

/** Whether the error means that the server does not have the model, as opposed to a wrong URL. */
export const isModelMissing = (refused: Refused): boolean =>
  refused.code === 'model_not_found' ||
  (statusOf(refused) === 404 && /model/i.test(String(refused.message ?? '')));

/**
 * Translates a model server's error.
 * - 401, 403 and 404 become a `ConfigurationError`, because the operator has to correct the key or the URL.
 * - 429 becomes `rate_limited`, or `insufficient_quota` (not retryable) when the account is out of credit.
 * - 408, 409, 425 and 5xx become `upstream_error` (retryable).
 * - Other 4xx become `invalid_request` (not retryable).
 *
 * A message that quotes the server's own does so cut and without the prompt.
 */
export const errorOf = (refused: Refused, { secrets, fields, provider }: SentRequest): EverytokenError => {
  const { status, code, type, retryAfterMs } = refused;
  const kind = statusOf(refused);
  const { name, key, address } = settingsOf(provider);
  const shown = typeof refused.message === 'string' ? withoutPrompt(refused.message, secrets) : '';
  const reason = shown === '' ? '' : `: ${shown}`;
  if (kind === 401) {
    return new ConfigurationError(`${name}: the model server refused the API key (401); check ${key}`);
  }
  if (kind === 403) {
    return new ConfigurationError(`${name}: the model server denied access (403); check what ${key} may use`);
  }
  if (kind === 404) {
    return new ConfigurationError(`${name}: no chat completions at this address (404); check ${address}`);
  }
  if (kind === 429) {
    const final = OUT_OF_CREDIT.includes(String(code)) || OUT_OF_CREDIT.includes(String(type));
    return final
      ? new UpstreamError('openai', 'the account at the model server has no credit left (429)', {
          code: 'insufficient_quota',
          retryable: false,
          status,
        })
      : new UpstreamError('openai', `the model server limits the rate (429)${reason}`, {
          code: 'rate_limited',
          status,
          retryAfterMs,
        });
  }
  if (kind >= 500 || kind === 408 || kind === 409 || kind === 425 || kind < 400) {
    return new UpstreamError('openai', `the model server failed (${kind})${reason}`, {
      status,
      retryAfterMs,
    });
  }
  const error = new UpstreamError('openai', `the model server refused the request (${kind})${reason}`, {
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

/** The error `model_not_found`, whose message names up to ten models that the server has. */
export const modelNotFound = (
  model: string,
  available: string[],
  status: number | undefined,
): UpstreamError =>
  new UpstreamError(
    'openai',
    `the model server does not have ${model}${available.length === 0 ? '' : `; it has ${available.slice(0, 10).join(', ')}`}`,
    { code: 'model_not_found', retryable: false, status },
  );
