import { type InputIssue, InvalidInputError } from '../../errors.ts';
import type { RequestDefaults, RunRequest } from '../../runs/request.ts';
import type { FileLine } from '../../runs/run.ts';
import { makeRouteOf, makeServer, type RouteOf } from '../../sampling/server.ts';
import type { Setting } from '../../sampling/setting.ts';
import { type UpstreamBody, upstreamBody } from '../../sampling/upstream-body.ts';

export const BATCH_ENDPOINT = '/v1/chat/completions';

const SOME_SERVER: RouteOf = makeRouteOf(makeServer(''), new Map());

/** Throws `InvalidInputError` (`not_for_batch`) for what is more or other than one answer of the default server. */
export const refuseForBatch = (request: RunRequest, { routeOf = SOME_SERVER }: RequestDefaults): void => {
  const generations = request.settings.length * request.samples;
  const [setting] = request.settings;
  const issues: InputIssue[] = [];
  if (generations !== 1)
    issues.push({
      path: request.samples > 1 ? 'samples' : 'settings',
      message: `a line of a batch is answered once, this one asks for ${generations} generations`,
    });
  if (setting && routeOf(setting.model).provider !== null)
    issues.push({ path: 'model', message: 'a batch is worked off by the default model server alone' });
  if (issues.length > 0) throw new InvalidInputError(issues, { code: 'not_for_batch' });
};

/**
 * What is sent for a setting and the report of it, by what is configured alone: what a process learnt from a server
 * must not make the report another one than what was sent.
 */
export const batchBodyOf = (
  setting: Setting,
  { routeOf = SOME_SERVER }: Pick<RequestDefaults, 'routeOf'>,
): UpstreamBody & { model: string } => {
  const { server, model } = routeOf(setting.model);
  return { ...upstreamBody({ ...setting, model }, { ...server, refused: new Map() }), model };
};

export const customIdOf = ({ fileId, block, line }: FileLine): string => `${fileId}.${block}.${line}`;

/** The place that a custom_id stands for; undefined for one that is not this file's. */
export const placeOf = (customId: unknown, fileId: string): FileLine | undefined => {
  const [, id, block, line] = /^(\w+)\.(\d+)\.(\d+)$/.exec(String(customId)) ?? [];
  return id === fileId ? { fileId, block: Number(block), line: Number(line) } : undefined;
};

/** A line of the batch's input. */
export const batchLineOf = (
  place: FileLine,
  { settings, messages }: RunRequest,
  defaults: RequestDefaults,
): string => {
  const [setting] = settings;
  if (!setting) throw new Error('a request has no setting');
  const { body, model } = batchBodyOf(setting, defaults);
  return `${JSON.stringify({
    custom_id: customIdOf(place),
    method: 'POST',
    url: BATCH_ENDPOINT,
    body: { ...body, model, messages },
  })}\n`;
};
