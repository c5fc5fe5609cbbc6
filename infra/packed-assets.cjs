/**
 * A plugin of esbuild: `import x from '…' with { type: 'packed' }` gives a file of a package as an asset of a page, with
 * a name that has a hash of its content, and with its bytes compressed once, here, in place of at each request.
 */
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { basename, extname } = require('node:path');
const { gzipSync } = require('node:zlib');

const TYPES = new Map([
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
]);

const packed = {
  name: 'packed-assets',
  setup: (build) => {
    build.onLoad({ filter: /\.(js|css)$/ }, ({ path, with: { type } }) => {
      if (type !== 'packed') return undefined;
      const bytes = readFileSync(path);
      const extension = extname(path);
      const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
      const asset = {
        name: `${basename(path, extension)}.${hash}${extension}`,
        type: TYPES.get(extension),
        gzip: gzipSync(bytes, { level: 9 }).toString('base64'),
      };
      return { contents: JSON.stringify(asset), loader: 'json' };
    });
  },
};

module.exports = [packed];
