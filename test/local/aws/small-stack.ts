import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Template } from '../../../local/aws/template/intrinsics.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

type Resources = Template['Resources'];
type FunctionSpec = { code: string; timeout?: number; variables?: Record<string, unknown> };

export const fn = (
  name: string,
  { timeout = 10, variables = {} }: Partial<FunctionSpec> = {},
): Resources[string] => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    Code: { S3Bucket: { Ref: 'ServerlessDeploymentBucket' }, S3Key: `x/${name}.zip` },
    Handler: 'functions/main.handler',
    FunctionName: `small-${name}`,
    Timeout: timeout,
    MemorySize: 256,
    Environment: { Variables: variables },
  },
});

/** A resource below the root, or below another one. */
export const path = (part: string, parent?: string): Resources[string] => ({
  Type: 'AWS::ApiGateway::Resource',
  Properties: {
    ParentId: parent ? { Ref: parent } : { 'Fn::GetAtt': ['Api', 'RootResourceId'] },
    PathPart: part,
    RestApiId: { Ref: 'Api' },
  },
});

export const method = (
  httpMethod: string,
  resource: string,
  functionId: string,
  { stream = false, timeoutMs }: { stream?: boolean; timeoutMs?: number } = {},
): Resources[string] => ({
  Type: 'AWS::ApiGateway::Method',
  Properties: {
    HttpMethod: httpMethod,
    ResourceId: resource === 'root' ? { 'Fn::GetAtt': ['Api', 'RootResourceId'] } : { Ref: resource },
    RestApiId: { Ref: 'Api' },
    ApiKeyRequired: false,
    AuthorizationType: 'NONE',
    Integration: {
      IntegrationHttpMethod: 'POST',
      Type: 'AWS_PROXY',
      Uri: {
        'Fn::Join': [
          '',
          [
            'arn:',
            { Ref: 'AWS::Partition' },
            ':apigateway:',
            { Ref: 'AWS::Region' },
            `:lambda:path/${stream ? '2021-11-15' : '2015-03-31'}/functions/`,
            { 'Fn::GetAtt': [functionId, 'Arn'] },
            stream ? '/response-streaming-invocations' : '/invocations',
          ],
        ],
      },
      ...(stream && { ResponseTransferMode: 'STREAM' }),
      ...(timeoutMs && { TimeoutInMillis: timeoutMs }),
    },
  },
});

export const queue = (properties: Record<string, unknown> = {}): Resources[string] => ({
  Type: 'AWS::SQS::Queue',
  Properties: properties,
});

export const mapping = (queueId: string, functionId: string, batchSize: number): Resources[string] => ({
  Type: 'AWS::Lambda::EventSourceMapping',
  Properties: {
    BatchSize: batchSize,
    EventSourceArn: { 'Fn::GetAtt': [queueId, 'Arn'] },
    FunctionName: { 'Fn::GetAtt': [functionId, 'Arn'] },
    Enabled: true,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    ScalingConfig: { MaximumConcurrency: 2 },
  },
});

export const api: Resources = {
  Api: {
    Type: 'AWS::ApiGateway::RestApi',
    Properties: { Name: 'small', EndpointConfiguration: { Types: ['REGIONAL'] } },
  },
  ClientErrors: {
    Type: 'AWS::ApiGateway::GatewayResponse',
    Properties: {
      RestApiId: { Ref: 'Api' },
      ResponseType: 'DEFAULT_4XX',
      ResponseParameters: { 'gatewayresponse.header.Content-Type': "'application/problem+json'" },
      ResponseTemplates: {
        'application/json':
          '{"title":$context.error.messageString,"status":$context.error.status,"code":"gateway_refused"}',
      },
    },
  },
};

/** Writes each function's code into a folder of its own, like an unpacked bundle. */
export const writeBundles = (code: Record<string, string>): ((functionId: string) => string) => {
  const root = temporaryFolder();
  for (const [id, text] of Object.entries(code)) {
    const file = join(root, id, 'functions', 'main.mjs');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return (functionId) => join(root, functionId);
};
