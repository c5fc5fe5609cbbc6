import { type InputIssue, InvalidInputError, issuesOf } from '../../errors.ts';
import { dropAbsent, isObject } from '../../json/value.ts';
import { toolChoiceOf, toolsOfFunctions } from '../../openai/legacy-functions.ts';
import { runMessages } from '../../openai/run-messages.ts';
import { prototypeKeys } from '../../runs/request.ts';
import { reasonOfRefusal } from '../../sampling/extra-fields.ts';
import { type ChatRequestBody, chatRequestSchema } from './chat-request-schema.ts';
import { ruleOf, whyRefused } from './request-fields.ts';

/** The parts of a request that only concern the answer. */
export type AnswerOptions = {
  includeUsage: boolean;
  /** Pads chunks, so that their lengths do not tell those of the tokens. */
  includeObfuscation: boolean;
  /** Names the tier in the answer, since the request named one. */
  tellTier: boolean;
  /** Shows calls of tools as OpenAI's API did before tools, since the request has `functions`. */
  asFunctions: boolean;
};

/** A chat completion request: the run to create, and the options that only concern the answer. */
export type ChatRequest = AnswerOptions & {
  /** The equivalent body of POST /runs. */
  run: Record<string, unknown>;
  /** The number of choices. */
  count: number;
  stream: boolean;
  /** Maps a path of the run request to the path in the client's body. */
  pathOf: (path: string) => string;
};

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
    .filter((field) => !isKnown(field) && !(field[1] === null && ruleOf(field[0])))
    .map(([path]): InputIssue => ({ path, message: whyRefused(path) ?? reasonOfRefusal(path) ?? UNKNOWN }));
  const read = runMessages(body.messages, 'messages');
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
    includeObfuscation: parsed.data.stream_options?.include_obfuscation ?? false,
    tellTier: parsed.data.service_tier !== undefined,
    asFunctions: parsed.data.functions !== undefined,
    pathOf: pathsOf(parsed.data),
  };
};

const hasIssue = (issues: InputIssue[], path: string): boolean =>
  issues.some((issue) => issue.path === path || issue.path.startsWith(`${path}.`));

const extraIssues = (extra: unknown): InputIssue[] =>
  isObject(extra)
    ? Object.keys(extra).flatMap((name) => {
        const message = whyRefused(name);
        return message === undefined ? [] : [{ path: `extra_body.${name}`, message }];
      })
    : [];

const runOf = (chat: ChatRequestBody): Record<string, unknown> => {
  const given = Object.entries(dropAbsent(chat)).map(([name, value]) => ({
    rule: ruleOf(name),
    name,
    value,
  }));
  const sent = given.filter(({ rule }) => rule?.is === 'mapped' && rule.to === 'extra_body');
  const extra = { ...chat.extra_body, ...Object.fromEntries(sent.map(({ name, value }) => [name, value])) };
  return {
    ...Object.fromEntries(
      given.filter(({ rule }) => rule?.is === 'carried').map(({ name, value }) => [name, value]),
    ),
    ...dropAbsent({
      max_tokens: chat.max_completion_tokens ?? chat.max_tokens,
      samples: chat.n === 1 ? undefined : chat.n,
      ...toolsOf(chat),
      settings: chat.label === undefined ? undefined : [{ label: chat.label }],
      extra_body: Object.keys(extra).length === 0 ? undefined : extra,
    }),
  };
};

/** Tools, from functions too: an answer can show one call of a function, so the model may make no more. */
const toolsOf = ({ tools, tool_choice, parallel_tool_calls, functions, function_call }: ChatRequestBody) => ({
  tools: functions ? toolsOfFunctions(functions) : tools,
  tool_choice: function_call === undefined ? tool_choice : toolChoiceOf(function_call),
  parallel_tool_calls: functions ? false : parallel_tool_calls,
});

/** The path in the client's body of a path of the run: mapped fields have another one there. */
const pathsOf = (chat: ChatRequestBody) => {
  const mapped = Object.keys(dropAbsent(chat)).flatMap((name) => {
    const rule = ruleOf(name);
    return rule?.is === 'mapped' ? [{ name, target: targetOf(name, rule.to) }] : [];
  });
  return (path: string): string => {
    const found = mapped.find(({ target }) => path === target || path.startsWith(`${target}.`));
    if (!found) return path;
    const rest = path.slice(found.target.length);
    return found.name + (found.name.startsWith('function') ? rest.replace('.function', '') : rest);
  };
};

/** The path of the run where a mapped field stands. */
const targetOf = (name: string, to: string): string => {
  if (to === 'extra_body') return `extra_body.${name}`;
  return to === 'settings' ? 'settings.0.label' : to;
};
