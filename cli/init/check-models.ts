import { composeListModels } from '../../functions/compose-models.ts';
import { endpointsOf } from '../../functions/compose-servers.ts';
import { type Configuration, configurationOf } from '../../lib/adapters/settings/configuration.ts';
import type { ModelsView, ModelView, ProviderView } from '../../lib/models/list-models.ts';
import type { Finding } from './finding.ts';

const SOON_MS = 60 * 24 * 60 * 60_000;
const SHOWN_MODELS = 10;

/** Asks each configured model server for its models: whether it takes the key, and has the default model. */
export const checkModels = async (
  config: Configuration,
  { timeoutMs, now }: { timeoutMs: number; now: number },
): Promise<Finding[]> => {
  const view = await composeListModels(config, timeoutMs)();
  const addresses = new Map(
    endpointsOf(config).map(({ name, server }) => [name ?? 'default', server.baseUrl]),
  );
  const servers = view.providers.map((provider) =>
    serverFinding(provider, addresses.get(provider.name) ?? ''),
  );
  return [...servers, ...modelFindings(config, view, now)];
};

/** Whether the default server took its key. */
export const tookKey = (findings: readonly Finding[]): boolean =>
  findings.some(({ what, state }) => what === 'model server' && state === 'ok');

const serverFinding = ({ name, models, error }: ProviderView, address: string): Finding => {
  const what = name === 'default' ? 'model server' : `provider ${name}`;
  if (error === null)
    return { state: 'ok', what, says: `${address} takes the key and lists ${models} models` };
  const remedy =
    error.code === 'configuration'
      ? ''
      : `; check ${name === 'default' ? 'OPENAI_BASE_URL' : `the base_url of ${name} in PROVIDERS`} and the network`;
  return { state: 'wrong', what, says: `${address}: ${error.message}${remedy}` };
};

const modelFindings = (
  { defaultModel, allowedModels }: Configuration,
  { data, providers }: ModelsView,
  now: number,
): Finding[] => {
  const what = 'default model';
  const of = (state: Finding['state'], says: string): Finding => ({ state, what, says });
  if (allowedModels && !allowedModels.includes(defaultModel))
    return [of('wrong', `${defaultModel} is not in ALLOWED_MODELS; add it there, or set DEFAULT_MODEL`)];
  const served = providers.find(({ name }) => defaultModel.startsWith(`${name}/`));
  const server = served ?? providers.find(({ name }) => name === 'default');
  const found = data.find(({ id }) => id === defaultModel);
  // A server that did not answer has its own line.
  if (!found && server?.status !== 'ok') return [];
  if (!found && server?.models === 0)
    return [of('note', `its server lists no models; --try shows whether it has ${defaultModel}`)];
  if (!found) return [of('wrong', `${defaultModel} is not on its server; ${otherModels(data)}`)];
  return [of(...lifeOf(found, data, now))];
};

const lifeOf = (model: ModelView, data: ModelView[], now: number): [Finding['state'], string] => {
  const remedy = `set DEFAULT_MODEL to ${model.replacement ?? currentDefault(data) ?? 'another (GET /models lists them)'}`;
  if (model.retired) return ['wrong', `${model.id} is retired; ${remedy}`];
  const endsAt = model.shutdown_date === null ? Number.POSITIVE_INFINITY : Date.parse(model.shutdown_date);
  if (endsAt <= now) return ['wrong', `${model.id} was shut down on ${model.shutdown_date}; ${remedy}`];
  if (endsAt - now < SOON_MS)
    return ['note', `${model.id} will be shut down on ${model.shutdown_date}; ${remedy}`];
  return ['ok', `${model.id} is there`];
};

/** Ours, where the server has it. */
const currentDefault = (data: ModelView[]): string | undefined => {
  const { defaultModel } = configurationOf(unusedNames);
  return data.find(({ id, shutdown_date }) => id === defaultModel && shutdown_date === null)?.id;
};

const otherModels = (data: ModelView[]): string => {
  const names = data.flatMap(({ id, sampling }) => (sampling === null ? [] : [id])).slice(0, SHOWN_MODELS);
  return `set DEFAULT_MODEL to one that is${names.length > 0 ? `, such as ${names.join(', ')}` : ''}`;
};

/** What the configuration requires and this command has no use for. */
export const unusedNames = {
  TABLE_NAME: 'unused',
  CONTENT_BUCKET: 'unused',
  BUS_NAME: 'unused',
  JOBS_QUEUE_URL: 'unused',
  INTAKE_QUEUE_URL: 'unused',
};
