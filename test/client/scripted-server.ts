import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

type SeenRequest = {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingHttpHeaders;
  body: string;
};

/** One answer of a scripted server; `hang` never comes, `drop` closes the connection. */
export type Scripted =
  | { status: number; headers?: Record<string, string>; body?: unknown }
  | 'hang'
  | 'drop'
  | ((response: ServerResponse) => void);

/** A server on 127.0.0.1 that gives these answers in turn, the last one again and again. */
export const startScripted = async (...answers: Scripted[]) => {
  const seen: SeenRequest[] = [];
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    const { method, url, headers } = request;
    const answer = answers[Math.min(seen.length, answers.length - 1)];
    seen.push({ method, url, headers, body });
    if (answer === 'hang' || answer === undefined) return;
    if (answer === 'drop') return void response.destroy();
    if (typeof answer === 'function') return answer(response);
    const isText = typeof answer.body === 'string';
    response.writeHead(answer.status, {
      'content-type': answer.status < 400 ? 'application/json' : 'application/problem+json',
      ...answer.headers,
    });
    response.end(isText ? answer.body : JSON.stringify(answer.body ?? {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};

/** A problem as the API answers it. */
export const problem = (
  status: number,
  code: string,
  more: object = {},
  headers: Record<string, string> = {},
) => ({
  status,
  headers,
  body: { type: `urn:everytoken:problem:${code}`, title: 'No', status, detail: 'not now', code, ...more },
});
