import { NotFoundError, UpstreamError } from '../../errors.ts';
import type { ModelsView, ModelView } from '../../models/list.ts';
import { readQueryParameters } from '../../runs/query-parameters.ts';
import type { Handler, HttpContext } from '../base-app.ts';

/** A model as OpenAI's API lists it; `owned_by` is the name of the configured provider. */
export type OpenAIModel = {
  id: string;
  object: 'model';
  /** Always 0: OpenAI's clients want a number, and when a model was made is not kept. */
  created: number;
  owned_by: string;
  shutdown_date: string | null;
};

type Closed = (handler: (c: HttpContext) => Promise<Response>) => Handler;

/** GET /v1/models and GET /v1/models/{model}: what a chat completion may ask for, as OpenAI's API lists it. */
export const openaiModels = (listModels: () => Promise<ModelsView>, closed: Closed) => ({
  list: closed(async (c) => {
    refuseParameters(c);
    return Response.json({ object: 'list', data: await usableModels(listModels) });
  }),
  read: closed(async (c) => {
    refuseParameters(c);
    const id = c.req.param('model') ?? '';
    const model = (await usableModels(listModels)).find((each) => each.id === id);
    if (model) return Response.json(model);
    throw new NotFoundError(`there is no model ${id.slice(0, 200)} here; GET /v1/models lists what there is`);
  }),
});

const refuseParameters = (c: HttpContext): void =>
  readQueryParameters([...new URL(c.req.url).searchParams]).finish();

/** Those that generate text. Throws `UpstreamError` when none of the servers could be asked. */
const usableModels = async (listModels: () => Promise<ModelsView>): Promise<OpenAIModel[]> => {
  const { data, providers } = await listModels();
  const [first] = providers;
  if (first?.error && providers.every(({ status }) => status === 'error')) {
    throw new UpstreamError('openai', `no model server gave its list: ${first.name}: ${first.error.message}`);
  }
  return data.filter(({ sampling, retired }) => sampling !== null && !retired).map(openaiModel);
};

const openaiModel = ({ id, provider, shutdown_date }: ModelView): OpenAIModel => ({
  id,
  object: 'model',
  created: 0,
  owned_by: provider,
  shutdown_date,
});
