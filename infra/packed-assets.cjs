/**
 * A plugin of esbuild for files that pages load: `import x from '…' with { type: 'packed' }` gives a file of a package as
 * an asset, with a name that has a hash of its content; of the dashboard's index.html it gives the whole build by Vite.
 */
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { basename, dirname, extname, relative } = require('node:path');
const { buildDashboard } = require('./build-dashboard.cjs');
const { packAsset } = require('./pack-asset.cjs');

const packed = {
  name: 'packed-assets',
  setup: (build) => {
    const bundled = new Set();

    build.onLoad({ filter: /\.(js|css)$/ }, ({ path, with: { type } }) => {
      if (type !== 'packed') return undefined;
      const bytes = readFileSync(path);
      const extension = extname(path);
      const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
      const asset = packAsset(`${basename(path, extension)}.${hash}${extension}`, bytes);
      return { contents: JSON.stringify(asset), loader: 'json' };
    });

    build.onLoad({ filter: /\.html$/ }, async ({ path, with: { type } }) => {
      if (type !== 'packed') return undefined;
      const startedAt = performance.now();
      const { html, assets, licences, modules } = await buildDashboard(dirname(path));
      for (const file of modules) bundled.add(file);
      const bytes = assets.reduce((sum, { gzip }) => sum + Buffer.byteLength(gzip, 'base64'), 0);
      const seconds = (performance.now() - startedAt) / 1000;
      console.log(
        `dashboard: ${assets.length} assets of ${(bytes / 1000).toFixed(1)} kB gzipped, built in ${seconds.toFixed(1)} s`,
      );
      return { contents: JSON.stringify({ html, assets, licences }), loader: 'json' };
    });

    // The licence check reads the metafile, and these files are part of the bundle as well.
    build.onEnd(({ metafile }) => {
      if (!metafile) return;
      const { absWorkingDir = process.cwd() } = build.initialOptions;
      for (const file of bundled)
        metafile.inputs[relative(absWorkingDir, file)] ??= { bytes: 0, imports: [] };
    });
  },
};

module.exports = packed;
