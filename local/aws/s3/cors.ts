import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CorsRule } from '../template/stack-model.ts';
import { S3Error, sendS3Error } from './s3-error.ts';

/** Whether a value fits a pattern of an S3 CORS rule, which holds at most one `*`. Case does not matter. */
const fits = (pattern: string, value: string): boolean => {
  const [start = '', end] = pattern.toLowerCase().split('*');
  const text = value.toLowerCase();
  if (end === undefined) return text === start;
  return text.length >= start.length + end.length && text.startsWith(start) && text.endsWith(end);
};

const ruleFor = (
  rules: readonly CorsRule[],
  origin: string,
  method: string,
  headers: string[],
): CorsRule | undefined =>
  rules.find(
    (rule) =>
      rule.origins.some((pattern) => fits(pattern, origin)) &&
      rule.methods.includes(method) &&
      headers.every((header) => rule.headers.some((pattern) => fits(pattern, header))),
  );

const allowing = (rule: CorsRule, origin: string): [string, string][] => [
  ['access-control-allow-origin', rule.origins.includes('*') ? '*' : origin],
  ['access-control-allow-methods', rule.methods.join(', ')],
  ...(rule.expose.length > 0
    ? [['access-control-expose-headers', rule.expose.join(', ')] as [string, string]]
    : []),
  ['vary', 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method'],
];

/** The headers that let a page of the request's origin read the answer; none when no rule fits. */
export const corsHeaders = (
  { headers, method = 'GET' }: IncomingMessage,
  rules: readonly CorsRule[],
): [string, string][] => {
  const rule = headers.origin === undefined ? undefined : ruleFor(rules, headers.origin, method, []);
  return rule ? allowing(rule, headers.origin ?? '') : [];
};

/** Answers a browser's preflight request by the bucket's CORS rules. */
export const answerPreflight = (
  { headers }: IncomingMessage,
  response: ServerResponse,
  rules: readonly CorsRule[],
): void => {
  const { origin = '', 'access-control-request-method': method = '' } = headers;
  const requested = (headers['access-control-request-headers'] ?? '').split(',').map((name) => name.trim());
  const rule = ruleFor(rules, origin, method, requested.filter(Boolean));
  if (!rule) {
    const message = 'CORSResponse: no CORS rule of the bucket allows this origin, method and headers.';
    sendS3Error(response, new S3Error(403, 'AccessForbidden', message));
    return;
  }
  const pairs = allowing(rule, origin);
  response.writeHead(
    200,
    Object.fromEntries([...pairs, ['access-control-allow-headers', requested.join(', ')]]),
  );
  response.end();
};
