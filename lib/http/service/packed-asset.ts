import { gunzipSync } from 'node:zlib';
import type { HttpContext } from '../base-app.ts';

/** A file that a page loads: `gzip` is the compressed content in base64. */
export type PackedAsset = { name: string; type: string; gzip: string };

/** The dashboard as Vite built it. The name of each asset has a hash of its content, that of the licences has none. */
export type PackedDashboard = { html: string; assets: PackedAsset[]; licences: PackedAsset };

/** For files whose name has a hash of their content. */
const FOREVER = 'public, max-age=31536000, immutable';

/** An asset, compressed for clients that take it; `isBinary` is false below a gateway that passes on only text. */
export const assetResponse = (
  c: HttpContext,
  { type, gzip }: PackedAsset,
  { isBinary, cacheControl = FOREVER }: { isBinary: boolean; cacheControl?: string },
): Response => {
  const bytes = Buffer.from(gzip, 'base64');
  const takesGzip =
    isBinary && /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(c.req.header('accept-encoding') ?? '');
  return new Response(takesGzip ? bytes : gunzipSync(bytes), {
    headers: {
      'content-type': type,
      ...(takesGzip && { 'content-encoding': 'gzip' }),
      vary: 'accept-encoding',
      'cache-control': cacheControl,
    },
  });
};
