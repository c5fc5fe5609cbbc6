const { extname } = require('node:path');
const { gzipSync } = require('node:zlib');

const TYPES = new Map([
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.txt', 'text/plain; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.woff2', 'font/woff2'],
]);

/** An asset of a page: its bytes are compressed once, here, in place of at each request. */
const packAsset = (name, bytes) => {
  const type = TYPES.get(extname(name));
  if (type === undefined)
    throw new Error(`${name}: infra/pack-asset.cjs has no media type for ${extname(name)}`);
  return { name, type, gzip: gzipSync(bytes, { level: 9 }).toString('base64') };
};

module.exports = { packAsset };
