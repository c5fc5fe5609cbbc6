import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { type HttpListener, listen } from '../../http.ts';
import { own } from '../../json.ts';
import { AccessRefusal, readSigned, sendAccessRefusal } from '../signing/json-service.ts';
import type { KeyRing } from '../signing/signature.ts';
import type { Bus } from '../template/stack-model.ts';
import { type EventEntry, type PutEventsOptions, putEvent, requestProblem } from './put-events.ts';

type Answer = { status: number; body: Record<string, unknown> };

const problem = (type: string, message: string): Answer => ({ status: 400, body: { __type: type, message } });

const CONTENT_TYPE = 'application/x-amz-json-1.1';
const MAX_REQUEST_BYTES = 8 * 1024 * 1024; // entries may hold 1 MiB, and JSON escapes make their text longer

/** Serves EventBridge's PutEvents, DescribeEventBus and ListEventBuses in the SDK's protocol (AWS JSON 1.1). */
export const startEventBus = (options: PutEventsOptions & { keys: KeyRing }): Promise<HttpListener> => {
  const { account, region, keys } = options;
  const buses: Bus[] = [
    { id: '', name: 'default', arn: `arn:aws:events:${region}:${account}:event-bus/default` },
    ...options.buses,
  ];
  const describe = ({ name, arn }: Bus) => ({ Name: name, Arn: arn });

  const operations: Record<string, (input: Record<string, unknown>) => Promise<Answer>> = {
    PutEvents: async ({ Entries: entries }) => {
      const invalid = requestProblem(entries);
      if (invalid) return problem('ValidationException', invalid);
      const results = await Promise.all((entries as EventEntry[]).map((entry) => putEvent(entry, options)));
      const failed = results.filter((result) => 'ErrorCode' in result).length;
      return { status: 200, body: { FailedEntryCount: failed, Entries: results } };
    },
    DescribeEventBus: async ({ Name = 'default' }) => {
      const bus = buses.find(({ name, arn }) => name === Name || arn === Name);
      if (!bus) return problem('ResourceNotFoundException', `Event bus ${Name} does not exist.`);
      return { status: 200, body: describe(bus) };
    },
    ListEventBuses: async ({ NamePrefix: prefix = '' }) => ({
      status: 200,
      body: { EventBuses: buses.filter(({ name }) => name.startsWith(String(prefix))).map(describe) },
    }),
  };

  const answerTo = async (request: IncomingMessage): Promise<Answer> => {
    const name = String(request.headers['x-amz-target'] ?? '').replace(/^AWSEvents\./, '');
    const operation = own(operations, name);
    const body = await readSigned(request, { keys, service: 'events', maxBytes: MAX_REQUEST_BYTES });
    if (!operation)
      return problem(
        'UnknownOperationException',
        `The local EventBridge does not serve ${name || request.url}`,
      );
    if (!body) return problem('ValidationException', 'The request is too large');
    try {
      return await operation(JSON.parse(body.toString() || '{}'));
    } catch (error) {
      return problem('SerializationException', error instanceof Error ? error.message : String(error));
    }
  };

  const server = createServer(async (request, response) => {
    response.setHeader('x-amzn-requestid', randomUUID());
    try {
      const { status, body } = await answerTo(request);
      response.writeHead(status, { 'content-type': CONTENT_TYPE }).end(JSON.stringify(body));
    } catch (error) {
      if (error instanceof AccessRefusal) return sendAccessRefusal(response, error, CONTENT_TYPE);
      const body = { __type: 'InternalException', message: (error as Error).message };
      response.writeHead(500, { 'content-type': CONTENT_TYPE }).end(JSON.stringify(body));
    }
  });
  return listen(server);
};
