import type * as z from 'zod';
import { NotFoundError, UpstreamError } from '../../errors.ts';
import type { ModelsView, ModelView } from '../../models/list.ts';
import { readQueryParameters } from '../../runs/query-parameters.ts';
import type { Handlers, WithCaller } from '../base-app.ts';
import type { ModelRoutesDeps } from '../models/routes.ts';
import { parametersOf } from '../read-request.ts';
import type { openaiModelListSchema } from './chat-schemas.ts';

type OpenAIModelList = z.infer<typeof openaiModelListSchema>;
type OpenAIModel = OpenAIModelList['data'][number];

/** The routes that list the models of chat completions in OpenAI's format. */
export const openaiModelRoutes = (
  { listModels }: ModelRoutesDeps,
  withCaller: WithCaller,
): Handlers<'/v1/models'> => ({
  '/v1/models': {
    GET: withCaller(async (c) => {
      readQueryParameters(parametersOf(c.req.raw)).finish();
      const data = await usableModels(listModels);
      return Response.json({ object: 'list', data } satisfies OpenAIModelList);
    }),
  },
  '/v1/models/{model}': {
    GET: withCaller(async (c) => {
      readQueryParameters(parametersOf(c.req.raw)).finish();
      const id = c.req.param('model') ?? '';
      const model = (await usableModels(listModels)).find((each) => each.id === id);
      if (model) return Response.json(model);
      throw new NotFoundError(`there is no model ${id.slice(0, 200)}; see GET /v1/models for all models`);
    }),
  },
});

/**
 * The models that generate text and are not retired.
 *
 * @throws {UpstreamError} when no server returned its list.
 */
const usableModels = async (listModels: () => Promise<ModelsView>): Promise<OpenAIModel[]> => {
  const { data, providers } = await listModels();
  const [first] = providers;
  if (first?.error && providers.every(({ status }) => status === 'error')) {
    throw new UpstreamError(
      'openai',
      `no model server returned its list of models; ${first.name}: ${first.error.message}`,
      { ownWords: `no model server returned its list of models (${first.error.code})` },
    );
  }
  return data.filter(({ sampling, retired }) => sampling !== null && !retired).map(openaiModel);
};

const openaiModel = ({ id, provider, shutdown_date }: ModelView): OpenAIModel => ({
  id,
  object: 'model',
  created: 0, // OpenAI's clients need a number; the real time is not stored.
  owned_by: provider,
  shutdown_date,
});
