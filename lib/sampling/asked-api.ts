import { samplingOf } from './catalogue.ts';
import type { Server } from './server.ts';
import { type Endpoint, requestedFields, type Setting } from './setting.ts';

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
  const { tools: asked, reasoning_effort: effort, reasoning_summary: summary } = requestedFields(setting);
  const reasons = (effort ?? 'none') !== 'none';
  const needsTools = tools === 'at_effort_none' && Array.isArray(asked) && reasons;
  return needsTools || (summary ?? undefined) !== undefined ? 'responses' : undefined;
};
