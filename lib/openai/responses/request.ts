import { type InputIssue, InvalidInputError, issuesOf } from '../../errors.ts';
import { dropAbsent, isObject } from '../../json/value.ts';
import type { Message } from '../../runs/request.ts';
import { requireObject } from '../../runs/request.ts';
import type { ResponseBlock } from '../../runs/request-schema.ts';
import { nestedChoice, nestedFormat, nestedTool } from '../../sampling/flat-forms.ts';
import { TEXT_LOGPROBS } from '../../sampling/responses-fields.ts';
import { placeOutputs } from './call-outputs.ts';
import { RESPONSE_RULES } from './fields.ts';
import { readInput, referencedRuns } from './input-items.ts';
import { runIdOfResponse } from './item-ids.ts';
import { pathInInput } from './message-paths.ts';
import { type ResponseRequestBody, responseRequestSchema } from './request-schema.ts';
import type { AskedResponse } from './response.ts';

/** A request for a response: the run to create, and the options that only concern the answer. */
export type ResponseRequest = {
  /** The equivalent body of POST /runs. */
  run: Record<string, unknown>;
  /** The settings that the run stores beside it. */
  response: ResponseBlock;
  /** Both, as the answer tells them back. */
  asked: AskedResponse;
  stream: boolean;
  /** Pads deltas, so that their lengths do not tell those of the tokens. */
  includeObfuscation: boolean;
  /** Maps a path of the run request to the path in the client's body. */
  pathOf: (path: string) => string;
};

/** The parts of the caller's earlier responses that a request goes on from. */
export type Earlier = {
  /** The conversation of the previous response up to its output, without its instructions. */
  messages: readonly Message[];
  /** Output items that a reference may name, by their ids. */
  items: ReadonlyMap<string, object>;
};

/** The ids of earlier runs that a request names: as its previous response, and in references to items. */
export type Named = { previous: string | undefined; referenced: string[] };

const NOTHING: Earlier = { messages: [], items: new Map() };

/**
 * The runs of the responses that a request names.
 *
 * @throws {InvalidInputError} `previous_response_not_found` for an id that no response can have.
 */
export const namedIn = (body: unknown): Named => {
  const { previous_response_id: id, input } = requireObject(body);
  const previous = typeof id === 'string' ? runIdOfResponse(id) : undefined;
  if (typeof id === 'string' && previous === undefined) throw previousNotFound(id);
  return { previous, referenced: referencedRuns(input) };
};

/** The error of a previous response that the caller does not have, in OpenAI's words. */
export const previousNotFound = (id: string): InvalidInputError =>
  new InvalidInputError(
    [{ path: 'previous_response_id', message: `Previous response with id '${id.slice(0, 80)}' not found` }],
    { code: 'previous_response_not_found' },
  );

/**
 * Parses the JSON body of a request for a response; null means absent. Names that neither OpenAI nor everytoken has are
 * fields of the model server, as in `extra_body`. `parseRunRequest` later checks everything that depends on the
 * deployment, such as the model and the fields that its server takes.
 *
 * @throws {InvalidInputError} listing every wrong or unsupported field.
 */
export const parseResponseRequest = (body: unknown, earlier: Earlier = NOTHING): ResponseRequest => {
  const asked = requireObject(body);
  const { given, ofServer, issues: refused } = RESPONSE_RULES.sort(asked);
  const read = readInput(asked.input ?? undefined, earlier.items);
  const issues: InputIssue[] = [...refused, ...read.issues];
  const { instructions } = asked;
  const hasInstructions = typeof instructions === 'string';
  const placed = placeOutputs([...earlier.messages, ...read.messages], read.origins);
  // An item that could not be read may be the call or the output that another one misses.
  if (read.issues.length === 0) issues.push(...placed.issues);
  const messages: Message[] = [
    ...(hasInstructions ? [{ role: 'system', content: instructions }] : []),
    ...placed.messages,
  ];
  const pathOfMessage = (path: string) =>
    pathInInput(path, messages, { origins: read.origins, hasInstructions });
  const parsed = responseRequestSchema.safeParse({ ...given, messages });
  if (!parsed.success)
    issues.push(
      ...issuesOf(parsed.error).flatMap(({ path, message }) => {
        if (!isOfMessages(path)) return [{ path, message }];
        const inInput = pathOfMessage(path);
        // Input that could not be read is missing among the messages; instructions have a rule of their own.
        const isKnown = inInput === 'instructions' || (inInput === 'input' && read.issues.length > 0);
        return isKnown ? [] : [{ path: inInput, message }];
      }),
    );
  if (!parsed.success || issues.length > 0) throw new InvalidInputError(issues);
  const { data } = parsed;
  const ofTable = RESPONSE_RULES.pathsOf(data, ofServer);
  const response = blockOf(data);
  const run = runOf(data);
  return {
    run,
    response,
    asked: {
      ...dropAbsent(askedOf(data)),
      ...(isObject(run.extra_body) && { extra_body: run.extra_body }),
      response,
    },
    stream: data.stream ?? false,
    includeObfuscation: data.stream_options?.include_obfuscation ?? false,
    pathOf: (path) => pathInBody(path, { ofTable, ofMessages: pathOfMessage }),
  };
};

/** OpenAI has no default of its own; see the limit of chat completions. */
const DEFAULT_MAX_TOKENS = 4_096;

const runOf = (asked: ResponseRequestBody): Record<string, unknown> => {
  const { extra_body, ...carried } = RESPONSE_RULES.carriedOf(asked);
  const { text, truncation } = asked;
  const extra = {
    ...(isObject(extra_body) && extra_body),
    ...(text?.verbosity !== undefined && { verbosity: text.verbosity }),
    // Servers of chat completions do not truncate; one that is not known to refuses the field by its name.
    ...(truncation === 'auto' && { truncation }),
  };
  return {
    ...carried,
    ...dropAbsent({
      messages: asked.messages.map((message) => dropAbsent(message)),
      max_tokens: asked.max_output_tokens ?? DEFAULT_MAX_TOKENS,
      reasoning_effort: asked.reasoning?.effort,
      reasoning_summary: summaryOf(asked),
      response_format: formatOf(asked),
      logprobs: asked.include?.includes(TEXT_LOGPROBS) || undefined,
      ...toolsOf(asked),
      settings: asked.label === undefined ? undefined : [{ label: asked.label }],
      // A stream of it goes on without its client anyway.
      background: asked.background && !asked.stream ? true : undefined,
      extra_body: Object.keys(extra).length > 0 ? extra : undefined,
    }),
  };
};

/** Programs send an empty list, and say how tools are to be called, where they have none: a run refuses that. */
const toolsOf = ({ tools = [], tool_choice, parallel_tool_calls }: ResponseRequestBody) => {
  if (tools.length > 0)
    return { tools: tools.map(nestedTool), tool_choice: nestedChoice(tool_choice), parallel_tool_calls };
  const choice = tool_choice === 'none' || tool_choice === 'auto' ? undefined : nestedChoice(tool_choice);
  return { tool_choice: choice, parallel_tool_calls: undefined };
};

/** The settings of the run that its answer tells back. */
const askedOf = (asked: ResponseRequestBody) => ({
  messages: asked.messages,
  reasoning_effort: asked.reasoning?.effort,
  reasoning_summary: summaryOf(asked),
  temperature: asked.temperature,
  top_p: asked.top_p,
  top_logprobs: asked.top_logprobs,
  response_format: formatOf(asked),
  tools: toolsOf(asked).tools,
  tool_choice: toolsOf(asked).tool_choice,
  store: asked.store,
});

const summaryOf = ({ reasoning }: ResponseRequestBody) => reasoning?.summary ?? reasoning?.generate_summary;

const formatOf = ({ text }: ResponseRequestBody) => text?.format && nestedFormat(text.format);

const blockOf = (asked: ResponseRequestBody): ResponseBlock =>
  dropAbsent({
    has_instructions: asked.instructions === undefined ? undefined : true,
    previous_response_id: asked.previous_response_id,
    background: asked.background,
    include: asked.include && [...asked.include],
    max_output_tokens: asked.max_output_tokens,
    max_tool_calls: asked.max_tool_calls,
    parallel_tool_calls: asked.parallel_tool_calls,
    tool_choice: asked.tools?.length ? undefined : asked.tool_choice,
    truncation: asked.truncation,
  });

const isOfMessages = (path: string): boolean => /^messages\b/.test(path);

const INSTEAD = new Map([
  ['reasoning_effort', 'reasoning.effort'],
  ['reasoning_summary', 'reasoning.summary'],
  ['response_format.json_schema', 'text.format'],
  ['response_format', 'text.format'],
  ['max_tokens', 'max_output_tokens'],
  ['max_completion_tokens', 'max_output_tokens'],
  ['logprobs', 'include'],
  ['verbosity', 'text.verbosity'],
  ['extra_body.verbosity', 'text.verbosity'],
  ['extra_body.truncation', 'truncation'],
]);

type PathOf = (path: string) => string;

/** Model servers write places in lists with brackets, some with a dot before them. */
const dotted: PathOf = (path) => path.replaceAll(/\.?\[(\d+)\]/g, '.$1');

const pathInBody = (
  given: string,
  { ofTable, ofMessages }: { ofTable: PathOf; ofMessages: PathOf },
): string => {
  const path = dotted(given);
  if (isOfMessages(path)) return ofMessages(path);
  // A server of the Responses API got the instructions and the conversation before in its input, too.
  if (/^input\b/.test(path)) return 'input';
  for (const [of, to] of INSTEAD)
    if (path === of || path.startsWith(`${of}.`)) return `${to}${path.slice(of.length)}`;
  if (/^(tools|tool_choice)\b/.test(path)) return flatPath(path);
  return ofTable(path);
};

/** Tools and choices of them are flat: see lib/sampling/flat-forms.ts. */
const flatPath: PathOf = (path) =>
  path
    .replace('tool_choice.allowed_tools', 'tool_choice')
    .replace(/^((?:tool_choice\.)?tools\.\d+|tool_choice)\.(?:function|custom)\b/, '$1')
    .replace(/^(tools\.\d+\.format)\.grammar\b/, '$1');
