import type { Resource } from './name-resources.ts';
import type { Api, ApiMethod, GatewayResponse, LambdaFunction } from './stack-model.ts';

type Integration = { Type?: string; Uri?: string; ResponseTransferMode?: string; TimeoutInMillis?: number };

/**
 * API Gateway's default for an integration's timeout, streamed or not.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
 */
const DEFAULT_TIMEOUT_MS = 29_000;

const readMethod = (resource: Resource, path: string, functions: LambdaFunction[]): ApiMethod => {
  const { id, properties } = resource;
  const {
    Type: type,
    Uri: uri = '',
    ResponseTransferMode: mode,
    TimeoutInMillis: timeoutMs,
  } = (properties.Integration ?? {}) as Integration;
  const refuse = (what: string) =>
    new Error(`AWS::ApiGateway::Method (${id}): the local stack does not interpret ${what}`);
  if (type !== 'AWS_PROXY') throw refuse(`an integration of type ${type}`);
  if ((properties.AuthorizationType ?? 'NONE') !== 'NONE')
    throw refuse(`authorization ${properties.AuthorizationType}`);
  if (properties.ApiKeyRequired === true) throw refuse('ApiKeyRequired');
  const fn = functions.find(({ arn }) => uri.includes(`/functions/${arn}/`));
  if (!fn) throw refuse(`the integration URI ${uri}`);
  const streaming = mode === 'STREAM';
  if (streaming !== uri.endsWith('/response-streaming-invocations')) {
    throw refuse(`transfer mode ${mode ?? 'BUFFERED'} together with the URI ${uri}`);
  }
  return {
    resourceId: String(properties.ResourceId),
    resourcePath: path,
    httpMethod: String(properties.HttpMethod),
    functionId: fn.id,
    streaming,
    timeoutMs: timeoutMs ?? DEFAULT_TIMEOUT_MS,
  };
};

const unquote = (value: unknown): string => String(value).replace(/^'(.*)'$/, '$1');

const readResponse = ({ properties }: Resource): [string, GatewayResponse] => {
  const parameters = Object.entries((properties.ResponseParameters ?? {}) as Record<string, unknown>);
  const headers = parameters
    .filter(([name]) => name.startsWith('gatewayresponse.header.'))
    .map(([name, value]) => [name.slice('gatewayresponse.header.'.length).toLowerCase(), unquote(value)]);
  const [contentType = 'application/json', template] =
    Object.entries((properties.ResponseTemplates ?? {}) as Record<string, string>)[0] ?? [];
  const status = properties.StatusCode;
  return [
    String(properties.ResponseType),
    {
      status: status === undefined ? undefined : Number(status),
      headers: Object.fromEntries(headers),
      template,
      contentType,
    },
  ];
};

/**
 * Reads the REST API: its resources' paths, its methods and its gateway responses.
 *
 * @throws {Error} when there is a second REST API, or a method that the local stack cannot serve.
 */
export const readApi = (resources: Resource[], functions: LambdaFunction[], stage: string): Api => {
  const ofType = (type: string) => resources.filter((r) => r.type === `AWS::ApiGateway::${type}`);
  const [api, second] = ofType('RestApi');
  if (second) throw new Error(`The local stack serves one AWS::ApiGateway::RestApi, not also ${second.id}`);
  const byId = new Map(ofType('Resource').map((r) => [r.id, r.properties]));
  const pathOf = (id: string): string => {
    const properties = byId.get(id);
    return properties ? `${pathOf(String(properties.ParentId))}/${properties.PathPart}` : '';
  };
  return {
    id: api?.id ?? 'local',
    stage,
    resourcePaths: ['/', ...[...byId.keys()].map(pathOf)],
    methods: ofType('Method').map((m) =>
      readMethod(m, pathOf(String(m.properties.ResourceId)) || '/', functions),
    ),
    binaryMediaTypes: ((api?.properties.BinaryMediaTypes ?? []) as string[]).map(String),
    responses: new Map(ofType('GatewayResponse').map(readResponse)),
  };
};
