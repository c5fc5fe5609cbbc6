import { type InputIssue, InvalidInputError, issuesOf } from '../../errors.ts';
import { dropAbsent, isObject } from '../../json/value.ts';
import { toolChoiceOf, toolsOfFunctions } from '../../openai/legacy-functions.ts';
import { runMessages } from '../../openai/run-messages.ts';
import { prototypeKeys } from '../../runs/request.ts';
import { isDocumented, reasonOfRefusal } from '../../sampling/extra-fields.ts';
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

/**
 * Parses the JSON body of a chat completion; null means absent. Names that neither OpenAI nor everytoken has are fields
 * of the model server, as in `extra_body`: Python's SDK puts them beside the others. `parseRunRequest` later checks
 * everything that depends on the deployment, such as the model and the fields that its server takes.
 *
 * @throws {InvalidInputError} listing every wrong or unsupported field.
 */
export const parseChatRequest = (body: unknown): ChatRequest => {
  if (!isObject(body)) throw new InvalidInputError([{ path: '', message: 'the body must be a JSON object' }]);
  const early = prototypeKeys(body);
  if (early.length > 0) throw new InvalidInputError(early);
  const { known, refused, ofServer } = sortedFields(body);
  const read = runMessages(body.messages, 'messages');
  const issues = [...refused, ...extraIssues(body.extra_body), ...read.issues];
  const parsed = chatRequestSchema.safeParse({
    ...known,
    messages: read.messages,
    extra_body: withFields(body.extra_body, ofServer),
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
    pathOf: pathsOf(parsed.data, Object.keys(ofServer)),
  };
};

/** The given fields of a request: those of the schema, issues of those that are refused, and those of the model server. */
const sortedFields = (body: Record<string, unknown>) => {
  // An unknown name is a mistake even with the value null.
  const given = Object.entries(body)
    .filter(([name, value]) => value !== null || !(ruleOf(name) || isDocumented(name)))
    .map(([name, value]) => {
      const isOurs = ruleOf(name) !== undefined;
      return { name, value, isOurs, refusal: isOurs ? whyRefused(name) : reasonOfRefusal(name) };
    });
  const fieldsWhere = (isChosen: (field: (typeof given)[number]) => boolean) =>
    Object.fromEntries(given.filter(isChosen).map(({ name, value }) => [name, value]));
  return {
    known: fieldsWhere(({ isOurs, refusal }) => isOurs && refusal === undefined),
    ofServer: fieldsWhere(({ isOurs, refusal }) => !isOurs && refusal === undefined),
    refused: given.flatMap(({ name, refusal }): InputIssue[] =>
      refusal === undefined ? [] : [{ path: name, message: refusal }],
    ),
  };
};

/** `extra_body` with further fields; as it is where it has a wrong shape, for the schema to refuse. */
const withFields = (extra: unknown, fields: Record<string, unknown>): unknown => {
  if (Object.keys(fields).length === 0) return extra;
  if (extra === undefined || extra === null) return fields;
  return isObject(extra) ? { ...extra, ...fields } : extra;
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

/**
 * OpenAI has no default of its own, so its clients leave the limit out and expect whole answers; arguments of a tool that
 * are cut are of no use. Budgets need some limit.
 */
const DEFAULT_MAX_TOKENS = 4_096;

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
      max_tokens: chat.max_completion_tokens ?? chat.max_tokens ?? DEFAULT_MAX_TOKENS,
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
const pathsOf = (chat: ChatRequestBody, ofServer: readonly string[]) => {
  const beside = ofServer.map((name) => ({ name, target: `extra_body.${name}` }));
  const own = Object.keys(dropAbsent(chat)).flatMap((name) => {
    const rule = ruleOf(name);
    return rule?.is === 'mapped' ? [{ name, target: targetOf(name, rule.to) }] : [];
  });
  return (path: string): string => {
    const found = [...own, ...beside].find(({ target }) => path === target || path.startsWith(`${target}.`));
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
