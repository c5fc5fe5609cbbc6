import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { NotFoundError } from '../../errors.ts';
import type { Handlers } from '../base-app.ts';
import { assetResponse, type PackedAsset } from './packed-asset.ts';

export type DocsPageDeps = {
  /** The viewer of API documents: Swagger UI's script and style. */
  viewer: { script: PackedAsset; style: PackedAsset };
  /** Whether a compressed body reaches the client as it is, as it does not through a gateway that takes only text. */
  isBinary: boolean;
};

/**
 * Addresses are relative, so that they hold below a stage and behind another host: the page is at /docs, so `docs/x` is
 * its asset and `openapi.json` the document beside it.
 */
const START = `
window.SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  validatorUrl: null,
});
`;

/** Everything comes from this origin; images within the style are data. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The page at /docs, on which openapi.json can be read and tried, and its assets. */
export const docsPage = ({ viewer, isBinary }: DocsPageDeps): Handlers<'/docs'> => {
  const start = packedText('start.js', START, 'text/javascript; charset=utf-8');
  const assets = new Map([viewer.script, viewer.style, start].map((asset) => [asset.name, asset]));
  const html = htmlOf(viewer.style.name, [viewer.script.name, start.name]);
  return {
    '/docs': {
      GET: () =>
        new Response(html, {
          headers: {
            'content-type': 'text/html; charset=utf-8',
            'content-security-policy': POLICY,
            'referrer-policy': 'no-referrer',
            'cache-control': 'no-cache',
          },
        }),
    },
    '/docs/{asset}': {
      GET: (c) => {
        const asset = assets.get(c.req.param('asset') ?? '');
        if (!asset) throw new NotFoundError('there is no such asset; load the page at /docs again');
        return assetResponse(c, asset, { isBinary });
      },
    },
  };
};

const packedText = (name: string, text: string, type: string): PackedAsset => {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return { name: name.replace(/\./, `.${hash}.`), type, gzip: gzipSync(text).toString('base64') };
};

const htmlOf = (style: string, scripts: string[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>everytoken's API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/${style}">
${scripts.map((script) => `<script defer src="docs/${script}"></script>`).join('\n')}
</head>
<body>
<div id="docs"></div>
<noscript>This page needs JavaScript; <a href="openapi.json">openapi.json</a> says the same.</noscript>
</body>
</html>
`;
