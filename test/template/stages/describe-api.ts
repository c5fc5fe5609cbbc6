import { describe, expect, test } from 'vitest';
import { problemCode } from '../../../lib/http/problem.ts';
import { problemSchema } from '../../../lib/http/problem-schema.ts';
import { at, ofType, type Properties } from '../template.ts';
import { byId, type Stage } from './stage.ts';

/** The REST API's methods, by `METHOD /path`. */
const methodsOf = ({ made }: Stage): Map<string, Properties> => {
  const pathOf = (id: string): string => {
    const resource = made.Resources[id];
    if (resource?.Type !== 'AWS::ApiGateway::Resource') return '';
    return `${pathOf(String(resource.Properties?.ParentId))}/${resource.Properties?.PathPart}`;
  };
  return new Map(
    ofType(made, 'AWS::ApiGateway::Method').map(([, method]) => [
      `${method.HttpMethod} ${pathOf(String(method.ResourceId)) || '/'}`,
      method.Integration as Properties,
    ]),
  );
};

const functionOf = (integration: Properties): string =>
  /functions\/(\w+)\.Arn\//.exec(String(integration.Uri))?.[1] ?? '';
const isStreamed = (integration: Properties): boolean => integration.ResponseTransferMode === 'STREAM';

/** Tests of the API Gateway resources. */
export const describeApi = (stage: () => Stage): void => {
  describe('the REST API', () => {
    test('streams the answers of the routes that generate, of the reads that may take long and of pages, and of nothing else', () => {
      const streamed = [...methodsOf(stage())].filter(([, integration]) => isStreamed(integration));
      expect(streamed.map(([route]) => route).toSorted()).toEqual([
        'ANY /',
        'ANY /assets/{asset}',
        'ANY /docs',
        'ANY /docs/{asset}',
        'GET /comparisons/{id}',
        'GET /files/{id}',
        'GET /runs',
        'GET /runs/{id}',
        'GET /v1/files/{id}/content',
        'GET /v1/responses/{id}',
        'HEAD /comparisons/{id}',
        'HEAD /files/{id}',
        'HEAD /runs',
        'HEAD /runs/{id}',
        'HEAD /v1/files/{id}/content',
        'HEAD /v1/responses/{id}',
        'POST /runs',
        'POST /v1/chat/completions',
        'POST /v1/completions',
        'POST /v1/responses',
      ]);
      for (const [, { Uri }] of streamed)
        expect(Uri).toMatch(/2021-11-15.*\/response-streaming-invocations$/);
      expect(byId(stage().made, 'ApiGatewayRestApi').EndpointConfiguration).toEqual({ Types: ['REGIONAL'] });
    });

    test('waits for a streamed answer up to the timeout of its function, for a whole one 29 seconds at most', () => {
      for (const [route, integration] of methodsOf(stage())) {
        const limit = Number(integration.TimeoutInMillis ?? 29_000);
        const functionMs = Number(byId(stage().made, functionOf(integration)).Timeout) * 1_000;
        if (isStreamed(integration)) expect([route, limit]).toEqual([route, Math.min(functionMs, 900_000)]);
        else expect([route, limit <= 29_000, functionMs <= limit]).toEqual([route, true, true]);
      }
    });

    test('answers every other path and method by a function, so that 404 and 405 are our problems', () => {
      const methods = methodsOf(stage());
      expect([...methods.keys()]).toEqual(expect.arrayContaining(['ANY /', 'ANY /{proxy+}']));
      // The gateway chooses the path first, so a path with a method of its own needs `ANY` beside it.
      const paths = [...methods.keys()].map((route) => route.split(' ')[1]);
      for (const path of paths) expect(methods.has(`ANY ${path}`)).toBe(true);
    });

    test('lets the gateway invoke every function that it calls', () => {
      const { made } = stage();
      const permitted = ofType(made, 'AWS::Lambda::Permission')
        .filter(([, { Principal }]) => Principal === 'apigateway.amazonaws.com')
        .map(([, { FunctionName }]) => String(FunctionName).replace(/\.Arn$/, ''));
      const called = [...methodsOf(stage()).values()].map(functionOf);
      expect(permitted.toSorted()).toEqual([...new Set(called)].toSorted());
    });

    test('answers requests that never reach a function with a problem of a published code and its status', () => {
      const responses = ofType(stage().made, 'AWS::ApiGateway::GatewayResponse');
      expect(responses.map(([, { ResponseType }]) => ResponseType)).toEqual(
        expect.arrayContaining(['DEFAULT_4XX', 'DEFAULT_5XX']),
      );
      for (const [id, { ResponseTemplates, ResponseParameters, StatusCode }] of responses) {
        const text = String(at(ResponseTemplates, 'application/json'));
        const problem = problemSchema.parse(
          JSON.parse(text.replace('$context.error.messageString', '"Request Too Long"')),
        );
        expect([id, problem.status]).toEqual([id, Number(StatusCode)]);
        expect([id, problemCode(problem.code)?.status]).toEqual([id, problem.status]);
        expect(at(ResponseParameters, 'gatewayresponse.header.Content-Type')).toBe(
          "'application/problem+json'",
        );
      }
    });

    test('has one stage, whose deployment depends on every method and gateway response', () => {
      const { made } = stage();
      const deployments = Object.entries(made.Resources).filter(
        ([, { Type }]) => Type === 'AWS::ApiGateway::Deployment',
      );
      const parts = ['AWS::ApiGateway::Method', 'AWS::ApiGateway::GatewayResponse'].flatMap((type) =>
        ofType(made, type).map(([id]) => id),
      );
      expect(deployments).toHaveLength(1);
      expect([deployments[0]?.[1].DependsOn].flat().toSorted()).toEqual(parts.toSorted());
      expect(deployments[0]?.[1].Properties).not.toHaveProperty('StageName');
      expect(ofType(made, 'AWS::ApiGateway::Stage')).toMatchObject([
        [expect.any(String), { DeploymentId: deployments[0]?.[0], StageName: stage().name }],
      ]);
    });

    test('throttles, and logs neither bodies nor headers nor queries', () => {
      const [[, gateway] = ['', {}]] = ofType(stage().made, 'AWS::ApiGateway::Stage');
      expect(gateway.MethodSettings).toMatchObject([
        { HttpMethod: '*', ResourcePath: '/*', LoggingLevel: 'OFF', DataTraceEnabled: false },
      ]);
      for (const limit of ['ThrottlingRateLimit', 'ThrottlingBurstLimit'])
        expect(Number(at(gateway.MethodSettings, 0, limit))).toBeGreaterThan(0);
      const format = at(gateway, 'AccessLogSetting', 'Format');
      if (format !== undefined) {
        expect(Object.values(JSON.parse(String(format)))).toContain('$context.requestId');
        expect(format).not.toMatch(/header|query|authorizer|apiKey|body/i);
      }
    });
  });
};
