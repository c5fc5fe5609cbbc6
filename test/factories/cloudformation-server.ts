import { createServer } from 'node:http';
import { listen } from '../../local/http.ts';

export type StackState = { status?: string; createdAt?: string; outputs: Record<string, string> };

/** CloudFormation's DescribeStacks on 127.0.0.1, for stacks by name. Accepts any credentials. */
export const startCloudFormation = async (stacks: Map<string, StackState>) => {
  /** The access key of each request. */
  const keys: string[] = [];
  const server = createServer(async (request, response) => {
    const asked = new URLSearchParams(Buffer.concat(await request.toArray()).toString());
    keys.push(/Credential=([^/]+)/.exec(request.headers.authorization ?? '')?.[1] ?? '');
    const name = asked.get('StackName') ?? '';
    const stack = asked.get('Action') === 'DescribeStacks' ? stacks.get(name) : undefined;
    response.writeHead(stack ? 200 : 400, { 'content-type': 'text/xml' }).end(
      stack
        ? describedXml(name, stack)
        : `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>ValidationError</Code>
           <Message>Stack with id ${escaped(name)} does not exist</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
    );
  });
  return { ...(await listen(server, 0)), keys };
};

const NAMESPACE = 'http://cloudformation.amazonaws.com/doc/2010-05-15/';

const describedXml = (name: string, stack: StackState): string => {
  const { status = 'UPDATE_COMPLETE', createdAt = '2026-11-01T00:00:00Z', outputs } = stack;
  const members = Object.entries(outputs).map(
    ([key, value]) =>
      `<member><OutputKey>${escaped(key)}</OutputKey><OutputValue>${escaped(value)}</OutputValue></member>`,
  );
  return `<DescribeStacksResponse xmlns="${NAMESPACE}"><DescribeStacksResult><Stacks><member>
    <StackName>${escaped(name)}</StackName><StackId>arn:aws:cloudformation:eu-west-1:1:stack/${escaped(name)}/1</StackId>
    <CreationTime>${createdAt}</CreationTime><StackStatus>${status}</StackStatus>
    <Outputs>${members.join('')}</Outputs></member></Stacks></DescribeStacksResult>
    <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></DescribeStacksResponse>`;
};

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
