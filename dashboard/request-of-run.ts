import type { Run } from '../client/index.ts';

/** Fields of a setting whose report is not what was sent: tools are reported by name and hash. */
const NOT_REPEATABLE = new Set(['tools', 'tool_choice', 'parallel_tool_calls']);

/** The settings that a run was asked with, as far as it tells them. */
export const settingsOf = (run: Run): { label: string; model: string; [field: string]: unknown }[] =>
  run.generations
    .filter(({ sample }) => sample === 0)
    .map(({ label, model, provider, sampling }) => ({
      label,
      model: requestedModel(run, model, provider),
      ...Object.fromEntries(
        Object.entries(sampling.requested).filter(
          ([name, value]) => value !== null && !NOT_REPEATABLE.has(name),
        ),
      ),
    }));

/** Outputs of each setting. */
export const samplesOf = (run: Run): number =>
  Math.max(1, ...run.generations.map(({ sample }) => sample + 1));

/** The body of a request that asks the same again, as far as the run tells it; undefined where its prompt is not stored. */
export const requestOf = (run: Run): { [name: string]: unknown } | undefined => {
  const prompt = run.prompt !== null ? { prompt: run.prompt } : run.messages && { messages: run.messages };
  if (!prompt) return undefined;
  const samples = samplesOf(run);
  const settings = settingsOf(run);
  const [only] = settings;
  const isPlain = settings.length <= 1 && (only === undefined || only.label === 'default');
  const { label: _, ...fields } = only ?? { label: '', model: run.model };
  return {
    ...prompt,
    ...(isPlain ? fields : { settings }),
    ...(samples > 1 && { samples }),
    ...(Object.keys(run.metadata).length > 0 && { metadata: run.metadata }),
    ...(!run.store && { store: false }),
  };
};

/** The model as one asks for it: a server answers with the dated name of a snapshot. */
const requestedModel = (run: Run, answered: string, provider: string | undefined): string => {
  const full = provider === undefined ? answered : `${provider}/${answered}`;
  if (run.models.includes(full)) return full;
  const alike = run.models.filter((model) => full.startsWith(model));
  return alike[0] ?? (run.models.length === 1 ? (run.models[0] ?? full) : full);
};

/** Whether the copy lacks tools, which a run reports by name and hash alone. */
export const lacksTools = (run: Run): boolean =>
  run.generations.some(({ sampling }) => Object.hasOwn(sampling.requested, 'tools'));
