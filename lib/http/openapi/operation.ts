import { dropAbsent } from '../../json/value.ts';
import type { PROBLEM_CODES } from '../problem.ts';
import { isOpenAIPath, type Route, type RouteAt, type RoutePath } from '../routes.ts';

export type Json = { [key: string]: unknown };

type Answer<Schema extends string> = {
  description: string;
  headers?: Json;
  /** A schema of components by its name, or one of its own. */
  json?: Schema | Json;
  /** The type of an answer that is a text. */
  text?: 'text/event-stream' | 'text/html';
};

/** The description of a route; `Schema` are the names in components that it may point to. */
export type Operation<Schema extends string = string> = {
  operationId: string;
  summary: string;
  description?: string;
  parameters?: Json[];
  body?: Schema;
  answers: Record<number, Answer<Schema>>;
  problems: Partial<Record<number, (keyof typeof PROBLEM_CODES)[]>>;
};

/** The descriptions of a resource: one for each route at these paths and below them, by these schemas. */
export type Operations<Top extends RoutePath, Schemas> = Record<
  RouteAt<Top>,
  Operation<keyof Schemas & string>
>;

const TIMING: Json = {
  'server-timing': {
    description: 'accept: until the run was accepted; total: until the answer began. Milliseconds.',
    schema: { type: 'string' },
  },
};

/** A route's operation in the document; what all routes share (keys, 500, timing) is added here. */
export const operationOf = (
  { path, isOpen }: Pick<Route, 'path' | 'isOpen'>,
  { operationId, summary, description, parameters = [], body, answers, problems }: Operation,
): Json => {
  const isOpenAI = isOpenAIPath(path);
  const keys: Operation['problems'] = isOpenAI
    ? { 401: ['unauthorized', 'forbidden'] }
    : { 401: ['unauthorized'], 403: ['forbidden'] };
  const refused = Object.entries({
    ...(!isOpen && keys),
    ...problems,
    500: ['internal', 'configuration'],
  });
  return dropAbsent({
    operationId,
    summary,
    description,
    security: isOpen ? [] : undefined,
    parameters,
    requestBody: body === undefined ? undefined : { required: true, content: contentOf({ json: body }) },
    responses: Object.fromEntries([
      ...Object.entries(answers).map(([status, answer]) => [status, answerOf(answer)]),
      ...refused.map(([status, codes]) => [status, problemAnswer(codes, isOpenAI)]),
    ]),
  });
};

const answerOf = ({ description, headers, ...of }: Answer<string>): Json => {
  const content = contentOf(of);
  return {
    description,
    headers: { ...TIMING, ...headers },
    ...(Object.keys(content).length > 0 && { content }),
  };
};

const contentOf = ({ json, text }: Pick<Answer<string>, 'json' | 'text'>): Json => ({
  ...(json !== undefined && { 'application/json': { schema: refTo(json) } }),
  ...(text !== undefined && { [text]: { schema: { type: 'string' } } }),
});

const refTo = (schema: string | Json): Json =>
  typeof schema === 'string' ? { $ref: `#/components/schemas/${schema}` } : schema;

const problemAnswer = (codes: readonly string[], isOpenAI: boolean): Json => ({
  description: codes.join(', '),
  content: isOpenAI
    ? contentOf({ json: 'OpenAIError' })
    : { 'application/problem+json': { schema: refTo('Problem') } },
});
