import { type InputIssue, InvalidInputError, issuesOf } from '../../errors.ts';
import { dropAbsent, isObject } from '../../json/value.ts';
import { textMessages } from '../../openai/text-messages.ts';
import { prototypeKeys } from '../../runs/request.ts';
import { type ChatRequestBody, chatRequestSchema, PASSED_FIELDS } from './chat-request-schema.ts';

/** A chat completion as asked for: the run it is, and what of it concerns the answer alone. */
export type ChatRequest = {
  /** The body of POST /runs that says the same. */
  run: Record<string, unknown>;
  stream: boolean;
  includeUsage: boolean;
  /** Where the client wrote what the run has at `path`. */
  pathOf: (path: string) => string;
};

const TOOLS = 'is not carried: an output is text alone; ask the model server itself for tool calls';
const MEDIA = 'is not carried: an output is text alone';
const OF_RUNS = 'is a field of POST /runs; a chat completion is a run of one output';

/** Fields that would make more or other than one text of the answer, wherever they stand. */
const NOT_CARRIED = new Map([
  ['tools', TOOLS],
  ['tool_choice', TOOLS],
  ['parallel_tool_calls', TOOLS],
  ['functions', TOOLS],
  ['function_call', TOOLS],
  ['audio', MEDIA],
]);

const NOT_HERE = new Map([
  ...NOT_CARRIED,
  ['prompt', 'is a field of POST /runs; give messages'],
  ['settings', OF_RUNS],
  ['samples', OF_RUNS],
  ['background', OF_RUNS],
]);

const UNKNOWN = 'is not carried; what stands in extra_body is sent to the model server as it is';

/**
 * A chat completion from a parsed JSON body. Throws `InvalidInputError` naming every wrong field, and every one that is
 * not carried; null means absent. `parseRunRequest` checks afterwards what depends on the deployment, such as a
 * model's name.
 */
export const parseChatRequest = (body: unknown): ChatRequest => {
  if (!isObject(body)) throw new InvalidInputError([{ path: '', message: 'the body must be a JSON object' }]);
  const early = prototypeKeys(body);
  if (early.length > 0) throw new InvalidInputError(early);
  const given = Object.entries(body).filter(([, value]) => value !== null);
  const isKnown = ([name]: [string, unknown]) => Object.hasOwn(chatRequestSchema.shape, name);
  // A name that nobody knows is a mistake also where it says null.
  const refused = Object.entries(body)
    .filter((field) => !isKnown(field) && !(field[1] === null && isOpenAIs(field[0])))
    .map(([path]): InputIssue => ({ path, message: NOT_HERE.get(path) ?? UNKNOWN }));
  const said = textMessages(body.messages, 'messages');
  const issues = [...refused, ...extraIssues(body.extra_body), ...said.issues];
  const parsed = chatRequestSchema.safeParse({
    ...Object.fromEntries(given.filter(isKnown)),
    messages: said.messages,
  });
  if (!parsed.success)
    issues.push(...issuesOf(parsed.error).filter(({ path }) => !hasIssue(said.issues, path)));
  if (!parsed.success || issues.length > 0) throw new InvalidInputError(issues);
  return {
    run: runOf(parsed.data),
    stream: parsed.data.stream ?? false,
    includeUsage: parsed.data.stream_options?.include_usage ?? false,
    pathOf: pathsOf(parsed.data),
  };
};

/** Names of OpenAI's API that a client may spell out as null. */
const OTHERS_OF_OPENAI = [
  'prediction',
  'service_tier',
  'web_search_options',
  'moderation',
  'prompt_cache_options',
];

const isOpenAIs = (name: string): boolean => NOT_HERE.has(name) || OTHERS_OF_OPENAI.includes(name);

const hasIssue = (issues: InputIssue[], path: string): boolean =>
  issues.some((issue) => issue.path === path || issue.path.startsWith(`${path}.`));

const extraIssues = (extra: unknown): InputIssue[] =>
  isObject(extra)
    ? Object.keys(extra).flatMap((name) => {
        const message = NOT_CARRIED.get(name);
        return message === undefined ? [] : [{ path: `extra_body.${name}`, message }];
      })
    : [];

const runOf = (chat: ChatRequestBody): Record<string, unknown> => {
  const { n, store, modalities, stream_options, max_tokens, max_completion_tokens, label, ...rest } = chat;
  const isPassed = ([name]: [string, unknown]) => PASSED_FIELDS.some((field) => field === name);
  const fields = Object.entries(rest).filter(([, value]) => value !== undefined);
  const extra = { ...rest.extra_body, ...Object.fromEntries(fields.filter(isPassed)) };
  return {
    ...Object.fromEntries(fields.filter((field) => !isPassed(field))),
    ...dropAbsent({
      max_tokens: max_completion_tokens ?? max_tokens,
      settings: label === undefined ? undefined : [{ label }],
      extra_body: Object.keys(extra).length === 0 ? undefined : extra,
    }),
  };
};

const pathsOf =
  (chat: ChatRequestBody) =>
  (path: string): string => {
    if (path === 'max_tokens' && chat.max_completion_tokens !== undefined) return 'max_completion_tokens';
    const name = PASSED_FIELDS.find((field) => path === `extra_body.${field}`);
    return name === undefined || chat[name] === undefined ? path : name;
  };
