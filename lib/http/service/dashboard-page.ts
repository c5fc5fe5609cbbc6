import { createHash } from 'node:crypto';
import { NotFoundError } from '../../errors.ts';
import { type Handlers, pathPrefix } from '../base-app.ts';
import { assetResponse, type PackedDashboard } from './packed-asset.ts';

export type DashboardPageDeps = {
  dashboard: PackedDashboard;
  /** The address below which presigned URLs are, to which the page uploads files. */
  objectStore: string;
  /** Whether a compressed body reaches the client as it is, as it does not through a gateway that takes only text. */
  isBinary: boolean;
};

const HEAD = '<head>';

/** The page at /, and its assets. */
export const dashboardPage = ({
  dashboard: { html, assets, licences },
  objectStore,
  isBinary,
}: DashboardPageDeps): Handlers<'/' | '/assets/{asset}'> => {
  const named = new Map([licences, ...assets].map((asset) => [asset.name, asset]));
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self' ${objectStore}`,
    "worker-src 'self'",
    "base-uri 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  if (!html.includes(HEAD)) throw new Error(`the dashboard's page has no ${HEAD}`);
  return {
    '/': {
      GET: (c) => {
        const page = withBase(html, pathPrefix(c.env));
        const etag = `"${createHash('sha256').update(page).digest('hex').slice(0, 32)}"`;
        const headers = {
          'content-security-policy': policy,
          'referrer-policy': 'no-referrer',
          'cache-control': 'no-cache',
          etag,
        };
        if (isKnown(c.req.header('if-none-match'), etag)) return new Response(null, { status: 304, headers });
        return new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8', ...headers } });
      },
    },
    '/assets/{asset}': {
      GET: (c) => {
        const asset = named.get(c.req.param('asset') ?? '');
        if (!asset) throw new NotFoundError('there is no such asset; load the page at / again');
        return assetResponse(c, asset, { isBinary, ...(asset === licences && { cacheControl: 'no-cache' }) });
      },
    },
  };
};

/**
 * The page with the address from which its relative ones count. Below a stage a browser may show it at /prod, from which
 * `assets/x` would be /assets/x. Without a prefix it has none, so that the page works below a proxy's path as well.
 */
const withBase = (html: string, prefix: string): string =>
  prefix === '' ? html : html.replace(HEAD, () => `${HEAD}<base href="${escapeHtml(prefix)}/">`);

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.codePointAt(0)};`);

/** Whether an If-None-Match names this tag. A proxy that compresses may have made it weak. */
const isKnown = (header: string | undefined, etag: string): boolean =>
  (header ?? '').split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
