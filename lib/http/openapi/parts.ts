import type { Json, Operation } from './operation.ts';

// Parts that the descriptions of several routes share.

export const header = (description: string): Json => ({ description, schema: { type: 'string' } });
const parameter =
  (place: 'path' | 'query' | 'header') =>
  (name: string, description: string, schema: Json = { type: 'string' }): Json => ({
    name,
    in: place,
    ...(place === 'path' && { required: true }),
    description,
    schema,
  });

export const inPath = parameter('path');
export const inQuery = parameter('query');
const inHeader = parameter('header');

export const LIMIT = inQuery('limit', 'At most so many.', {
  type: 'integer',
  minimum: 1,
  maximum: 100,
  default: 20,
});
export const CURSOR = inQuery('cursor', 'next_cursor of the page before.');
export const SINCE = inQuery('since', 'Created at or after this date (UTC) or instant with offset.');
export const UNTIL = inQuery('until', 'Created before this instant, or on or before this date (UTC).');

/** `same` names the answer to a request that is sent again. */
export const idempotencyKey = (same: string): Json =>
  inHeader('Idempotency-Key', `The same key and body answer with the same ${same}.`, {
    type: 'string',
    pattern: '^[\\x21-\\x7e]{1,255}$',
  });
export const prefer = (description: string): Json => inHeader('Prefer', description);
export const TRACEPARENT = inHeader(
  'traceparent',
  'The trace that the run is in (W3C Trace Context): its logs and its events have its id.',
);

export const RUN_ID = { 'x-everytoken-run-id': header("The run's id.") };
export const REPLAYED = {
  'idempotent-replayed': header('true when the answer is that of an earlier request.'),
};
export const locationOf = (what: string): Json => ({
  location: header(`Where the ${what} is read, with the stage.`),
});

/** Refusals of a JSON body. */
export const BODY = {
  400: ['invalid_input', 'empty_body', 'invalid_json'],
  413: ['body_too_large'],
  415: ['unsupported_media_type'],
} satisfies Operation['problems'];
/** Failures of a service behind the API. */
export const SERVICES = {
  502: ['upstream_error', 'unreachable'],
  504: ['timeout'],
} satisfies Operation['problems'];
