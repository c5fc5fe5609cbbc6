import type { ServerResponse } from 'node:http';
import { own } from '../../json.ts';
import type { Api } from '../template/stack-model.ts';

/**
 * An error that the gateway itself answers with, in API Gateway's own words.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
export type Refusal = { type: string; status: number; message: string; errorType?: string };

export const MISSING_TOKEN: Refusal = {
  type: 'MISSING_AUTHENTICATION_TOKEN',
  status: 403,
  message: 'Missing Authentication Token',
  errorType: 'MissingAuthenticationTokenException',
};
export const TOO_LARGE: Refusal = { type: 'REQUEST_TOO_LARGE', status: 413, message: 'Request Too Long' };
export const MALFORMED_ANSWER: Refusal = {
  type: 'DEFAULT_5XX',
  status: 502,
  message: 'Internal server error',
};
export const INTEGRATION_TIMEOUT: Refusal = {
  type: 'INTEGRATION_TIMEOUT',
  status: 504,
  message: 'Endpoint request timed out',
};

const DEFAULT_TEMPLATE = '{"message":$context.error.messageString}';

/** Fills in `$context` variables. An unknown one becomes the empty string, as on AWS. */
const fillIn = (template: string, { type, message }: Refusal, status: number, requestId: string): string => {
  const values: Record<string, string> = {
    'error.message': message,
    'error.messageString': JSON.stringify(message),
    'error.responseType': type,
    'error.status': String(status),
    status: String(status),
    requestId,
  };
  return template.replace(
    /\$context\.([A-Za-z]+(?:\.[A-Za-z]+)*)/g,
    (_, name: string) => own(values, name) ?? '',
  );
};

/** Answers with the template's GatewayResponse of the refusal's type, or else of DEFAULT_4XX or DEFAULT_5XX. */
export const refuse = (response: ServerResponse, api: Api, refusal: Refusal, requestId: string): void => {
  const family = refusal.status < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX';
  const own = api.responses.get(refusal.type);
  const found = own ?? api.responses.get(family);
  const status = own?.status ?? found?.status ?? refusal.status;
  const body = fillIn(found?.template ?? DEFAULT_TEMPLATE, refusal, status, requestId);
  response.writeHead(status, {
    'content-type': found?.contentType ?? 'application/json',
    'x-amzn-requestid': requestId,
    ...(refusal.errorType && { 'x-amzn-errortype': refusal.errorType }),
    ...found?.headers,
  });
  response.end(body);
};

/** Answers a request that only the local stack refuses, in the words of the template's DEFAULT_4XX. */
export const refuseStranger = (response: ServerResponse, detail: string, requestId: string): void => {
  const problem = {
    type: 'urn:everytoken:problem:gateway_refused',
    title: 'The gateway refused the request',
    ...{ status: 403, detail, code: 'gateway_refused' },
  };
  response.writeHead(403, { 'content-type': 'application/problem+json', 'x-amzn-requestid': requestId });
  response.end(JSON.stringify(problem));
};
