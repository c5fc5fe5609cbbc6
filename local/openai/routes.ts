import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import type { LanguageModel } from '../model/language-model.ts';
import { ApiError } from './api-error.ts';
import { type Env, readBody } from './call.ts';
import { readChatRequest } from './chat-request.ts';
import { completeStreamed, completeWhole } from './complete.ts';
import { createEmbeddings } from './embeddings.ts';
import type { EmissionLog } from './emissions.ts';
import type { Encoder } from './encoder.ts';
import { CHAT_MODEL, findModel, listModels, modelNames, modelNotFound } from './models.ts';
import { readModel } from './parameters.ts';
import { readPlainRequest } from './plain-request.ts';
import { readResponsesRequest } from './responses/request.ts';

/** The parts behind the routes. Without a language model only embeddings are served. */
export type Services = {
  model: LanguageModel | undefined;
  encoder: Encoder;
  emissions: EmissionLog;
  pace: number;
};

/** Nothing is stored, so every response is unknown afterwards. */
const notStored = (id: string): never => {
  throw new ApiError(404, `Response with id '${id.slice(0, 80)}' not found.`);
};

/** The routes of models, completions, responses, embeddings and emissions. */
export const modelRoutes = ({ model, encoder, emissions, pace }: Services): Hono<Env> => {
  const generates = model !== undefined;

  const complete = (read: typeof readChatRequest) => async (c: Context<Env>) => {
    const { incoming, outgoing: response, arrivalMs, signal } = c.env;
    const body = await readBody(incoming);
    const name = readModel(body);
    if (model === undefined || name !== CHAT_MODEL) throw modelNotFound(name, modelNames(generates));
    const { request, plan } = read(body, model.ngram);
    const call = { request, plan, model, emissions, pace, arrivalMs, signal };
    if (!request.stream) return c.json(await completeWhole(call));
    await completeStreamed(call, response);
    return RESPONSE_ALREADY_SENT;
  };

  return new Hono<Env>()
    .get('/v1/models', (c) => c.json(listModels(generates)))
    .get('/v1/models/:model', (c) => c.json(findModel(c.req.param('model'), generates)))
    .post('/v1/chat/completions', complete(readChatRequest))
    .post('/v1/completions', complete(readPlainRequest))
    .post('/v1/responses', complete(readResponsesRequest))
    .get('/v1/responses/:id', (c) => notStored(c.req.param('id')))
    .delete('/v1/responses/:id', (c) => notStored(c.req.param('id')))
    .get('/v1/responses/:id/input_items', (c) => notStored(c.req.param('id')))
    .post('/v1/responses/:id/cancel', (c) => notStored(c.req.param('id')))
    .post('/v1/embeddings', async (c) =>
      c.json(await createEmbeddings(await readBody(c.env.incoming), encoder, c.env.signal)),
    )
    .get('/emissions/:id', (c) => {
      const id = c.req.param('id');
      const found = emissions.find(id);
      if (!found) throw new ApiError(404, `No completion ${id} among the last 1,000.`, null, 'not_found');
      return c.json(found);
    });
};
