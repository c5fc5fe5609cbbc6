import { samplingOf } from './catalogue.ts';
import type { Server } from './server.ts';
import { type Endpoint, requestedFields, type Setting } from './setting.ts';

/** Fields that no chat completion has. */
const ONLY_THERE = ['reasoning_summary', 'truncation'] as const;

/**
 * The endpoint that a setting's generations are asked from; undefined: that of chat completions. `setting.model` is the
 * model's name at this server.
 *
 * @example
 * endpointOf({ model: 'gpt-6-luna', reasoningEffort: 'low', tools, … }, openai) // 'responses'
 */
export const endpointOf = (setting: Setting, server: Server): Endpoint | undefined => {
  if (setting.endpoint !== undefined) return setting.endpoint;
  const { api, tools } = samplingOf(server, setting.model);
  if (api !== 'as_needed') return api === 'responses' ? 'responses' : undefined;
  const fields = requestedFields(setting);
  const { tools: asked, reasoning_effort: effort } = fields;
  const reasons = (effort ?? 'none') !== 'none';
  const needsTools = tools === 'at_effort_none' && Array.isArray(asked) && reasons;
  const isOnlyThere = ONLY_THERE.some((field) => (fields[field] ?? undefined) !== undefined);
  return needsTools || isOnlyThere ? 'responses' : undefined;
};
