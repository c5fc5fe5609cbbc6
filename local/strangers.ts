import type { IncomingMessage } from 'node:http';

/** The names of this machine; a port may follow. Any tunnel or port mapping may change the port. */
const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i;

/**
 * Whether a request came under a name of this machine. A page whose own name was made to resolve to 127.0.0.1 (DNS
 * rebinding) is of the same origin as this server for its browser, but its requests still carry that name.
 */
export const isForThisMachine = ({ headers: { host = '' } }: IncomingMessage): boolean => LOOPBACK.test(host);

export const WRONG_HOST =
  'The Host header is not that of this machine: use the address in stack.json, with 127.0.0.1, localhost or [::1].';
export const FROM_A_PAGE =
  'A web page sent this request, and the local stack serves none of other origins: send it from a program.';

/** Whether a page of another origin is known to have caused a request. Browsers set this header, pages cannot. */
const isCrossOrigin = (site: string | string[] | undefined): boolean =>
  site !== undefined && site !== 'none' && site !== 'same-origin';

/** Whether a page in a browser sent a request: browsers name its origin in all but plain GET requests. */
export const isFromPage = ({ headers }: IncomingMessage): boolean =>
  headers.origin !== undefined || isCrossOrigin(headers['sec-fetch-site']);

/** The reason to refuse a request of a foreign name or of a page; `undefined` for one that may be served. */
export const strangerIn = (request: IncomingMessage): string | undefined => {
  if (!isForThisMachine(request)) return WRONG_HOST;
  return isFromPage(request) ? FROM_A_PAGE : undefined;
};

/**
 * As `strangerIn`, for a server that has pages of its own: these may send requests, and links elsewhere may lead to
 * them, though no frame may show them.
 */
export const strangerToPages = (request: IncomingMessage): string | undefined => {
  if (!isForThisMachine(request)) return WRONG_HOST;
  const { headers, method } = request;
  if (headers.origin !== undefined)
    return headers.origin === `http://${headers.host}` ? undefined : FROM_A_PAGE;
  const isLink =
    method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return isCrossOrigin(headers['sec-fetch-site']) && !isLink ? FROM_A_PAGE : undefined;
};
