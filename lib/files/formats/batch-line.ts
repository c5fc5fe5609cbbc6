import { type InputIssue, InvalidInputError } from '../../errors.ts';
import { isObject, own } from '../../json/value.ts';
import { parseResponseRequest } from '../../openai/responses/request.ts';
import { runMessages } from '../../openai/run-messages.ts';
import { type ResponseBlock, runRequestSchema } from '../../runs/request-schema.ts';
import { isGiven } from '../../runs/template.ts';
import { refusedFieldIssues } from '../../sampling/extra-fields.ts';

type BatchRequest = {
  request: Record<string, unknown>;
  /** Of a response: the settings that its answer tells back. */
  response?: ResponseBlock;
  issues: InputIssue[];
  /** Maps a path of the request to the path in the line; a field of the file's defaults keeps its own. */
  pathOf: (path: string) => string;
};

/** The endpoints of OpenAI's API that a batch may be for: every line of one has its endpoint as its `url`. */
export const BATCH_ENDPOINTS = ['/v1/chat/completions', '/v1/responses', '/v1/embeddings'] as const;
export type BatchEndpoint = (typeof BATCH_ENDPOINTS)[number];

const MAX_CUSTOM_ID = 512;

/** Run fields that a Batch line must not have: it is answered with exactly one chat completion. */
const REFUSED_FIELDS = ['prompt', 'settings', 'samples', 'stream', 'background'];

/**
 * Converts a line for OpenAI's Batch API to a run request. Fields of the body that are run fields become those; all
 * others go to the model unchanged, as `extra_body`. The body of a line for embeddings stays as it is. The paths of
 * `issues` are those of the Batch line. A line for another endpoint than its batch's is refused.
 * https://platform.openai.com/docs/api-reference/batch/request-input
 */
export const requestOfBatchLine = (
  line: Record<string, unknown>,
  endpoint: BatchEndpoint = '/v1/chat/completions',
): BatchRequest => {
  const { custom_id, method, url, body, ...others } = line;
  const issues = [
    ...customIdIssues(custom_id),
    ...(method === 'POST' ? [] : [{ path: 'method', message: 'must be "POST"' }]),
    ...(url === endpoint ? [] : [{ path: 'url', message: refusalOfUrl(endpoint) }]),
    ...Object.keys(others).map((path) => ({ path, message: 'is not a known field' })),
  ];
  if (!isObject(body))
    return {
      request: {},
      issues: [...issues, { path: 'body', message: 'must be an object' }],
      pathOf: inBody,
    };
  const mapped = REQUEST_OF[endpoint](body);
  return { ...mapped, issues: [...issues, ...mapped.issues] };
};

const inBody = (path: string): string => (path ? `body.${path}` : 'body');

const refusalOfUrl = (endpoint: BatchEndpoint): string =>
  `must be "${endpoint}"; other endpoints are not supported in this file`;

const customIdIssues = (id: unknown): InputIssue[] =>
  typeof id === 'string' && id !== '' && id.length <= MAX_CUSTOM_ID && id.isWellFormed()
    ? []
    : [{ path: 'custom_id', message: `must be a text of 1 to ${MAX_CUSTOM_ID} characters` }];

/** Fields of a response that a line must not have: it is answered once, from itself alone, by a stored output. */
const REFUSED_OF_RESPONSE: [field: string, isRefused: (value: unknown) => boolean, message: string][] = [
  ['model', (value) => !isGiven(value), 'is required'],
  ['stream', (value) => value === true, 'must be false: a line of a file cannot be streamed'],
  ['background', (value) => value === true, 'must be false: a line of a file is never waited for'],
  ['store', (value) => value === false, 'must not be false: results are made of stored outputs'],
  ['previous_response_id', isGiven, 'is not supported in a line of a file; send all items as input'],
  ['conversation', isGiven, 'is not supported in a line of a file; send all items as input'],
];

const requestOfResponse = (body: Record<string, unknown>): BatchRequest => {
  const issues = REFUSED_OF_RESPONSE.filter(([field, isRefused]) => isRefused(own(body, field))).map(
    ([field, , message]) => ({ path: `body.${field}`, message }),
  );
  try {
    const { run, response, pathOf } = parseResponseRequest(body);
    const { stream: _, store: __, ...request } = run;
    return { request, response, issues, pathOf: (path) => inBody(pathOf(path)) };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    const known = new Set(issues.map(({ path }) => path));
    const more = error.issues
      .map(({ path, message }) => ({ path: inBody(path), message }))
      .filter(({ path }) => !known.has(path));
    return { request: {}, issues: [...issues, ...more], pathOf: inBody };
  }
};

const requestOfBody = (body: Record<string, unknown>): BatchRequest => {
  const { messages, stream, n, max_completion_tokens, extra_body, store, ...rest } = body;
  const issues: InputIssue[] = [];
  if (!isGiven(body.model)) issues.push({ path: 'body.model', message: 'is required' });
  if (isGiven(stream) && stream !== false)
    issues.push({ path: 'body.stream', message: 'must be false: a line of a file cannot be streamed' });
  if (isGiven(store) && store !== true)
    issues.push({ path: 'body.store', message: 'must not be false: results are made of stored outputs' });
  if (isGiven(n) && n !== 1) issues.push({ path: 'body.n', message: 'must be 1' });
  if (isGiven(max_completion_tokens) && isGiven(rest.max_tokens))
    issues.push({
      path: 'body.max_tokens',
      message: 'cannot be combined with max_completion_tokens; leave it out',
    });
  if (isGiven(extra_body) && !isObject(extra_body))
    issues.push({ path: 'body.extra_body', message: 'must be an object' });
  for (const field of REFUSED_FIELDS) {
    if (field !== 'stream' && isGiven(own(rest, field)))
      issues.push({ path: `body.${field}`, message: 'is not allowed in a Batch line; leave it out' });
  }
  const fields = Object.entries(rest);
  const isKnown = (field: string) => Object.hasOwn(runRequestSchema.shape, field);
  const extra = {
    ...(isObject(extra_body) ? extra_body : {}),
    // A null for an option that everytoken sets itself means "absent": it is neither sent nor refused.
    ...Object.fromEntries(
      fields.filter(([field, value]) => !isKnown(field) && (value !== null || !isOwn(field))),
    ),
  };
  issues.push(...refusedFieldIssues(extra, 'body'));
  const converted = runMessages(messages, 'body.messages');
  issues.push(...converted.issues);
  return {
    request: {
      ...Object.fromEntries(fields.filter(([field]) => isKnown(field) && !REFUSED_FIELDS.includes(field))),
      ...(isGiven(max_completion_tokens) ? { max_tokens: max_completion_tokens } : {}),
      messages: converted.messages,
      ...(Object.keys(extra).length > 0 ? { extra_body: extra } : {}),
    },
    issues,
    pathOf: (path) => pathInBody(path, body),
  };
};

const pathInBody = (path: string, body: Record<string, unknown>): string => {
  const [field = '', ...rest] = path.split('.');
  if (field === 'extra_body' && Object.hasOwn(body, rest[0] ?? '')) return inBody(rest.join('.'));
  if (field === 'max_tokens' && isGiven(body.max_completion_tokens)) return inBody('max_completion_tokens');
  return Object.hasOwn(body, field) ? inBody(path) : path;
};

const isOwn = (field: string): boolean => refusedFieldIssues({ [field]: null }).length > 0;

const REQUEST_OF: Record<BatchEndpoint, (body: Record<string, unknown>) => BatchRequest> = {
  '/v1/chat/completions': requestOfBody,
  '/v1/responses': requestOfResponse,
  // Its fields depend on the deployment's model, which is known where the file is read.
  '/v1/embeddings': (body) => ({ request: body, issues: [], pathOf: inBody }),
};
