import type { IncomingMessage, ServerResponse } from 'node:http';
import { isObject, type JsonObject } from '../json.ts';
import type { LanguageModel } from '../model/language-model.ts';
import { ApiError, modelNotFound } from './api-error.ts';
import { readChatRequest } from './chat-request.ts';
import { type CompletionCall, completeStreamed, completeWhole } from './complete.ts';
import { createEmbeddings } from './embeddings.ts';
import type { EmissionLog } from './emissions.ts';
import type { Encoder } from './encoder.ts';
import { chatModel, findModel, listModels, modelNames } from './models.ts';
import { readModel } from './parameters.ts';
import { readPlainRequest } from './plain-request.ts';

/** Without a language model only embeddings are served. */
export type Services = {
  model: LanguageModel | undefined;
  encoder: Encoder;
  emissions: EmissionLog;
  pace: number;
  /** Routes of other parts: files and batches. */
  entries: readonly Entry[];
};

export type Call = {
  request: IncomingMessage;
  response: ServerResponse;
  /** When the request came, on the monotonic clock. */
  arrivalMs: number;
  signal: AbortSignal;
};

/** Answers a call: the JSON body of a 200, or nothing when it has written its answer itself. */
export type Route = (call: Call) => Promise<object | undefined>;

export type Entry = {
  method: 'GET' | 'POST' | 'DELETE';
  path: RegExp;
  handle(call: Call, name: string): Promise<object | undefined>;
};

const mostBodyBytes = 8 * 1024 * 1024;

export const readBody = async (request: IncomingMessage): Promise<JsonObject> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > mostBodyBytes)
      throw new ApiError(413, `The request body is larger than ${mostBodyBytes} bytes.`);
    chunks.push(chunk);
  }
  const unreadable = new ApiError(400, 'The body of the request is not a valid JSON object.');
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (isObject(body)) return body;
  } catch {
    throw unreadable;
  }
  throw unreadable;
};

const complete =
  (services: Services, read: typeof readChatRequest) =>
  async ({ request: message, response, arrivalMs, signal }: Call): Promise<object | undefined> => {
    const { model, emissions, pace } = services;
    const body = await readBody(message);
    const name = readModel(body);
    if (model === undefined || name !== chatModel) throw modelNotFound(name, modelNames(model !== undefined));
    const { request, plan } = read(body, model.ngram);
    const call: CompletionCall = { request, plan, model, emissions, pace, arrivalMs, response, signal };
    if (!request.stream) return completeWhole(call);
    await completeStreamed(call);
    return undefined;
  };

const entriesOf = (services: Services): Entry[] => [
  ...services.entries,
  { method: 'GET', path: /^\/v1\/models$/, handle: async () => listModels(services.model !== undefined) },
  {
    method: 'GET',
    path: /^\/v1\/models\/([^/]+)$/,
    handle: async (_, name) => findModel(name, services.model !== undefined),
  },
  { method: 'POST', path: /^\/v1\/chat\/completions$/, handle: complete(services, readChatRequest) },
  { method: 'POST', path: /^\/v1\/completions$/, handle: complete(services, readPlainRequest) },
  {
    method: 'POST',
    path: /^\/v1\/embeddings$/,
    handle: async ({ request, signal }) =>
      createEmbeddings(await readBody(request), services.encoder, signal),
  },
  {
    method: 'GET',
    path: /^\/emissions\/([^/]+)$/,
    async handle(_, id) {
      const emissions = services.emissions.find(id);
      if (emissions === undefined)
        throw new ApiError(404, `No completion ${id} among the last 1,000.`, null, 'not_found');
      return emissions;
    },
  },
];

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

/** Finds what answers a request. Throws ApiError 404 for an unknown path, 405 for a known one with another method. */
export const makeRouter = (services: Services) => {
  const entries = entriesOf(services);
  return ({ method = 'GET', url = '/' }: IncomingMessage): Route => {
    const path = url.replace(/[?#].*$/, '');
    const matching = entries.filter((entry) => entry.path.test(path));
    if (matching.length === 0) throw new ApiError(404, `Invalid URL (${method} ${path})`);
    const entry = matching.find((candidate) => candidate.method === method);
    if (entry === undefined) {
      throw new ApiError(405, `Not allowed to ${method} on ${path}.`, null, 'method_not_supported');
    }
    return (call) => entry.handle(call, decoded(path.match(entry.path)?.[1] ?? ''));
  };
};
