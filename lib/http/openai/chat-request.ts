import { type InputIssue, InvalidInputError, issuesOf } from '../../errors.ts';
import { dropAbsent, isObject } from '../../json/value.ts';
import { textMessages } from '../../openai/text-messages.ts';
import { prototypeKeys } from '../../runs/request.ts';
import { reasonOfRefusal } from '../../sampling/extra-fields.ts';
import { type ChatRequestBody, chatRequestSchema, PASSED_FIELDS } from './chat-request-schema.ts';

/** A chat completion request: the run to create, and the options that only concern the response. */
export type ChatRequest = {
  /** The equivalent body of POST /runs. */
  run: Record<string, unknown>;
  /** The number of choices. */
  count: number;
  stream: boolean;
  includeUsage: boolean;
  /** Maps a path of the run request to the path in the client's body. */
  pathOf: (path: string) => string;
};

const TOOLS = 'is not supported, since outputs are text only; call the model server directly for tools';
const MEDIA = 'is not supported, since outputs are text only';
const OF_RUNS = 'is a field of POST /runs, and not supported here';

/** Fields that would make the answer more or other than one text; refused in extra_body too. */
const NOT_TEXT = new Map([
  ['tools', TOOLS],
  ['tool_choice', TOOLS],
  ['parallel_tool_calls', TOOLS],
  ['functions', TOOLS],
  ['function_call', TOOLS],
  ['audio', MEDIA],
]);

const UNSUPPORTED = new Map([
  ...NOT_TEXT,
  ['prompt', 'is a field of POST /runs; use messages instead'],
  ['settings', OF_RUNS],
  ['samples', 'is a field of POST /runs; use n instead'],
  ['background', OF_RUNS],
]);

const UNKNOWN =
  'is not supported; if the model server takes it, put it into extra_body to send it there unchanged';

/**
 * Parses the JSON body of a chat completion; null means absent. `parseRunRequest` later checks everything that depends
 * on the deployment, such as the model.
 *
 * @throws {InvalidInputError} listing every wrong or unsupported field.
 */
export const parseChatRequest = (body: unknown): ChatRequest => {
  if (!isObject(body)) throw new InvalidInputError([{ path: '', message: 'the body must be a JSON object' }]);
  const early = prototypeKeys(body);
  if (early.length > 0) throw new InvalidInputError(early);
  const given = Object.entries(body).filter(([, value]) => value !== null);
  const isKnown = ([name]: [string, unknown]) => Object.hasOwn(chatRequestSchema.shape, name);
  // An unknown name is a mistake even with the value null.
  const refused = Object.entries(body)
    .filter((field) => !isKnown(field) && !(field[1] === null && isOpenAIs(field[0])))
    .map(
      ([path]): InputIssue => ({ path, message: UNSUPPORTED.get(path) ?? reasonOfRefusal(path) ?? UNKNOWN }),
    );
  const read = textMessages(body.messages, 'messages');
  const issues = [...refused, ...extraIssues(body.extra_body), ...read.issues];
  const parsed = chatRequestSchema.safeParse({
    ...Object.fromEntries(given.filter(isKnown)),
    messages: read.messages,
  });
  if (!parsed.success)
    issues.push(...issuesOf(parsed.error).filter(({ path }) => !hasIssue(read.issues, path)));
  if (!parsed.success || issues.length > 0) throw new InvalidInputError(issues);
  return {
    run: runOf(parsed.data),
    count: parsed.data.n ?? 1,
    stream: parsed.data.stream ?? false,
    includeUsage: parsed.data.stream_options?.include_usage ?? false,
    pathOf: pathsOf(parsed.data),
  };
};

/** Other names of OpenAI's API, which a client may send as null. */
const OTHERS_OF_OPENAI = ['prediction', 'web_search_options', 'moderation', 'prompt_cache_options'];

const isOpenAIs = (name: string): boolean => UNSUPPORTED.has(name) || OTHERS_OF_OPENAI.includes(name);

const hasIssue = (issues: InputIssue[], path: string): boolean =>
  issues.some((issue) => issue.path === path || issue.path.startsWith(`${path}.`));

const extraIssues = (extra: unknown): InputIssue[] =>
  isObject(extra)
    ? Object.keys(extra).flatMap((name) => {
        const message = NOT_TEXT.get(name);
        return message === undefined ? [] : [{ path: `extra_body.${name}`, message }];
      })
    : [];

const runOf = (chat: ChatRequestBody): Record<string, unknown> => {
  const {
    n,
    store,
    service_tier,
    modalities,
    stream_options,
    max_tokens,
    max_completion_tokens,
    label,
    ...rest
  } = chat;
  const isPassed = ([name]: [string, unknown]) => PASSED_FIELDS.some((field) => field === name);
  const fields = Object.entries(rest).filter(([, value]) => value !== undefined);
  const extra = { ...rest.extra_body, ...Object.fromEntries(fields.filter(isPassed)) };
  return {
    ...Object.fromEntries(fields.filter((field) => !isPassed(field))),
    ...dropAbsent({
      max_tokens: max_completion_tokens ?? max_tokens,
      samples: n === 1 ? undefined : n,
      settings: label === undefined ? undefined : [{ label }],
      extra_body: Object.keys(extra).length === 0 ? undefined : extra,
    }),
  };
};

const pathsOf =
  (chat: ChatRequestBody) =>
  (path: string): string => {
    if (path === 'samples') return 'n';
    if (path === 'max_tokens' && chat.max_completion_tokens !== undefined) return 'max_completion_tokens';
    const name = PASSED_FIELDS.find((field) => path === `extra_body.${field}`);
    return name === undefined || chat[name] === undefined ? path : name;
  };
