import { inOrder } from '../../async/in-order.ts';
import { type InputIssue, InvalidInputError } from '../../errors.ts';
import type { ContentStore, RunStore } from '../../runs/ports.ts';
import type { RequestDefaults, RunRequest } from '../../runs/request.ts';
import type { FileLine } from '../../runs/run.ts';
import { chatMessages } from '../../sampling/sent-messages.ts';
import { makeRouteOf, makeServer, type RouteOf } from '../../sampling/server.ts';
import type { Setting } from '../../sampling/setting.ts';
import { type UpstreamBody, upstreamBody } from '../../sampling/upstream-body.ts';
import type { PromptFile } from '../prompt-file.ts';
import { readBlock } from '../work/blocks.ts';
import { findLineRun, type Line, lineOf, requestOfLine } from '../work/line-run.ts';

export type PartInputDeps = {
  content: Pick<ContentStore, 'get'>;
  runs: Pick<RunStore, 'get'>;
  bucket: string;
  defaults: RequestDefaults;
  batchLimits?: BatchLimits;
};

/**
 * Limits of one batch. They are below OpenAI's (50,000 lines and 200 MB), because a part is held in memory while it is
 * uploaded. https://platform.openai.com/docs/guides/batch
 */
export type BatchLimits = { lines: number; bytes: number };
export const BATCH_LIMITS: BatchLimits = { lines: 25_000, bytes: 16 * 1024 * 1024 };

const AT_ONCE = 16;

/**
 * Makes the input lines of a part that begins at block `first`: as many whole blocks as fit the limits (at least one),
 * up to `end` (exclusive). Leaves out refused lines, also those that are only refused now, and lines that have a run.
 */
export const partInput = async (
  file: PromptFile,
  first: number,
  deps: PartInputDeps,
  { end = file.blocks, renew = async () => {} }: { end?: number; renew?: () => Promise<void> } = {},
): Promise<{ lines: string[]; end: number }> => {
  const limits = deps.batchLimits ?? BATCH_LIMITS;
  const lines: string[] = [];
  let bytes = 0;
  for (let block = first; block < end; block += 1) {
    await renew();
    const own = await blockInput(file, block, deps);
    const size = own.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
    const isOver = lines.length + own.length > limits.lines || bytes + size > limits.bytes;
    if (isOver && block > first) return { lines, end: block };
    lines.push(...own);
    bytes += size;
  }
  return { lines, end };
};

const blockInput = async (file: PromptFile, block: number, deps: PartInputDeps): Promise<string[]> => {
  const entries = (await readBlock(file.id, block, deps)).filter(({ error }) => !error);
  const lines: string[] = [];
  const made = inOrder(entries, AT_ONCE, async (entry) => {
    const line = await lineOf(file.id, entry, deps);
    if ((await findLineRun(file, line, deps)).run) return undefined;
    const request = stillValid(line, deps.defaults);
    return request && batchLineOf({ fileId: file.id, block, line: entry.line }, request, deps.defaults);
  });
  for await (const line of made) if (line !== undefined) lines.push(line);
  return lines;
};

/** The request of a line; undefined if the deployment takes it no longer, which its job finds and tells. */
const stillValid = (line: Line, defaults: RequestDefaults): RunRequest | undefined => {
  try {
    return requestOfLine(line, defaults);
  } catch (error) {
    if (error instanceof InvalidInputError) return undefined;
    throw error;
  }
};

export const BATCH_ENDPOINT = '/v1/chat/completions';

/** One line of the batch's input; undefined for one that the batch's endpoint cannot answer. https://platform.openai.com/docs/api-reference/batch/request-input */
const batchLineOf = (
  place: FileLine,
  { settings, messages }: RunRequest,
  defaults: RequestDefaults,
): string | undefined => {
  const [setting] = settings;
  if (!setting) throw new Error('a request has no setting');
  const { endpoint, body, model } = batchBodyOf(setting, defaults);
  // A batch asks one endpoint. Lines of another are asked one by one, when their jobs find no answer in the batch.
  if (endpoint !== undefined) return undefined;
  return `${JSON.stringify({
    custom_id: customIdOf(place),
    method: 'POST',
    url: BATCH_ENDPOINT,
    body: { ...body, model, messages: chatMessages(messages) },
  })}\n`;
};

const customIdOf = ({ fileId, block, line }: FileLine): string => `${fileId}.${block}.${line}`;

/** The line of a `custom_id`; undefined if it belongs to another file. */
export const placeOf = (customId: unknown, fileId: string): FileLine | undefined => {
  const [, id, block, line] = /^(\w+)\.(\d+)\.(\d+)$/.exec(String(customId)) ?? [];
  return id === fileId ? { fileId, block: Number(block), line: Number(line) } : undefined;
};

const SOME_SERVER: RouteOf = makeRouteOf(makeServer(''), new Map());

/**
 * Refuses a request that a batch cannot answer.
 * @throws {InvalidInputError} `not_for_batch` unless it asks for one generation by the default model server.
 */
export const refuseForBatch = (request: RunRequest, { routeOf = SOME_SERVER }: RequestDefaults): void => {
  const generations = request.settings.length * request.samples;
  const [setting] = request.settings;
  const issues: InputIssue[] = [];
  if (generations !== 1)
    issues.push({
      path: request.samples > 1 ? 'samples' : 'settings',
      message: `a batch line has one generation, this one asks for ${generations}; ask for one, or leave mode out`,
    });
  if (setting && routeOf(setting.model).provider !== null)
    issues.push({
      path: 'model',
      message: 'must be a model of the default model server: only it takes batches',
    });
  if (issues.length > 0) throw new InvalidInputError(issues, { code: 'not_for_batch' });
};

/**
 * The body sent for a setting, and its sampling report. Both depend on the configuration alone: a process learns at
 * run time which parameters a server refuses, and that must not change the report of a body that was already sent.
 */
export const batchBodyOf = (
  setting: Setting,
  { routeOf = SOME_SERVER }: Pick<RequestDefaults, 'routeOf'>,
): UpstreamBody & { model: string } => {
  const { server, model } = routeOf(setting.model);
  return { ...upstreamBody({ ...setting, model }, { ...server, refused: new Map() }), model };
};
