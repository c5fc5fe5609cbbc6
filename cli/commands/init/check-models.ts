import { composeGenerateOne } from '../../../functions/compose/model.ts';
import { composeListModels } from '../../../functions/compose/models.ts';
import { endpointsOf } from '../../../functions/compose/servers.ts';
import { type Configuration, configurationOf } from '../../../lib/adapters/settings/configuration.ts';
import { DEFAULT_RETRY_POLICY } from '../../../lib/generate/retry-policy.ts';
import type { ModelsView, ModelView, ProviderView } from '../../../lib/models/list.ts';
import { type Finding, findingOn } from '../../finding.ts';
import { shownAddress } from '../../variables.ts';

const SOON_MS = 60 * 24 * 60 * 60_000;
const SHOWN_MODELS = 10;
const TRIED_TOKENS = 16;

/** Lists the models of each configured server to check that it accepts the key, and that the default model exists. */
export const checkModels = async (
  config: Configuration,
  { timeoutMs, now }: { timeoutMs: number; now: number },
): Promise<Finding[]> => {
  const view = await composeListModels(config, timeoutMs)();
  const addresses = new Map(
    endpointsOf(config).map(({ name, server }) => [name ?? 'default', shownAddress(server.baseUrl)]),
  );
  const servers = view.providers.map((provider) =>
    serverFinding(provider, addresses.get(provider.name) ?? ''),
  );
  return [...servers, ...modelFindings(config, view, now)];
};

/** Whether the default server accepted its key. */
export const isKeyAccepted = (findings: readonly Finding[]): boolean =>
  findings.some(({ subject, state }) => subject === 'model server' && state === 'ok');

const serverFinding = ({ name, models, error }: ProviderView, address: string): Finding => {
  const finding = findingOn(name === 'default' ? 'model server' : `provider ${name}`);
  if (error === null) return finding('ok', `${address} accepts the key and lists ${models} models`);
  const remedy =
    error.code === 'configuration'
      ? ''
      : `; check ${name === 'default' ? 'OPENAI_BASE_URL' : `the base_url of ${name} in PROVIDERS`} and the network`;
  return finding('wrong', `${address}: ${error.message}${remedy}`);
};

const modelFindings = (
  { defaultModel: named, allowedModels, modelAliases }: Configuration,
  { data, providers }: ModelsView,
  now: number,
): Finding[] => {
  const finding = findingOn('default model');
  const defaultModel = modelAliases.get(named) ?? named;
  if (allowedModels && ![named, defaultModel].some((model) => allowedModels.includes(model)))
    return [finding('wrong', `${named} is not in ALLOWED_MODELS; add it there, or set DEFAULT_MODEL`)];
  const served = providers.find(({ name }) => defaultModel.startsWith(`${name}/`));
  const server = served ?? providers.find(({ name }) => name === 'default');
  const found = data.find(({ id }) => id === defaultModel);
  // A server that did not answer has a finding of its own.
  if (!found && server?.status !== 'ok') return [];
  if (!found && server?.models === 0)
    return [finding('note', `the server lists no models; use --try to check that it has ${defaultModel}`)];
  if (!found) return [finding('wrong', `${defaultModel} is not on its server; ${otherModels(data)}`)];
  return [finding(...lifeOf(found, data, now))];
};

const lifeOf = (model: ModelView, data: ModelView[], now: number): [Finding['state'], string] => {
  const remedy = `set DEFAULT_MODEL to ${model.replacement ?? currentDefault(data) ?? 'another (GET /models lists them)'}`;
  if (model.retired) return ['wrong', `${model.id} is retired; ${remedy}`];
  const endsAt = model.shutdown_date === null ? Number.POSITIVE_INFINITY : Date.parse(model.shutdown_date);
  if (endsAt <= now) return ['wrong', `${model.id} was shut down on ${model.shutdown_date}; ${remedy}`];
  if (endsAt - now < SOON_MS)
    return ['note', `${model.id} will be shut down on ${model.shutdown_date}; ${remedy}`];
  return ['ok', `${model.id} is available`];
};

/** everytoken's own default model, if the server lists it. */
const currentDefault = (data: ModelView[]): string | undefined => {
  const { defaultModel } = configurationOf(UNUSED_NAMES);
  return data.find(({ id, shutdown_date }) => id === defaultModel && shutdown_date === null)?.id;
};

const otherModels = (data: ModelView[]): string => {
  const names = data.flatMap(({ id, sampling }) => (sampling === null ? [] : [id])).slice(0, SHOWN_MODELS);
  return `set DEFAULT_MODEL to one that is${names.length > 0 ? `, such as ${names.join(', ')}` : ''}`;
};

/** Generates a few tokens with the default model, as a run would, and reports their cost. */
export const checkGeneration = async (config: Configuration, timeoutMs: number): Promise<Finding> => {
  const finding = findingOn('generation');
  const model = config.defaultModel;
  const limits = { firstTokenMs: timeoutMs, idleMs: timeoutMs, totalMs: timeoutMs };
  const generateOne = composeGenerateOne(config, () => false, {
    ...DEFAULT_RETRY_POLICY,
    ...limits,
    attempts: 1,
  });
  const { generation } = await generateOne({
    setting: { label: 'init', model, maxTokens: TRIED_TOKENS, temperature: 0.5 },
    index: 0,
    sample: 0,
    messages: [{ role: 'user', content: 'Say a few words.' }],
    strictSampling: false,
    signal: AbortSignal.timeout(timeoutMs * 2),
    onChunk: () => {},
    onRestart: () => {},
  });
  if (generation.error) {
    const { code, message } = generation.error;
    return finding(
      'wrong',
      `${model}: ${message} (${code}); fix this, or set DEFAULT_MODEL to another model`,
    );
  }
  const tokens = generation.usage?.completion_tokens;
  const cost = generation.cost_usd;
  const price = cost === null || cost === undefined ? 'at an unknown price' : `for $${cost.toFixed(6)}`;
  return finding('ok', `${generation.model ?? model} generated ${tokens ?? 'some'} tokens ${price}`);
};

/** Placeholders for variables that the configuration requires and `init` does not use. */
export const UNUSED_NAMES = {
  TABLE_NAME: 'unused',
  CONTENT_BUCKET: 'unused',
  BUS_NAME: 'unused',
  JOBS_QUEUE_URL: 'unused',
  INTAKE_QUEUE_URL: 'unused',
};
