/**
 * A plugin of esbuild for code that a function loads when it needs it. Each `import()` begins a chunk, a file of its own;
 * the chunks of functions/sweep.ts are named sweep.HASH.mjs. The packager leaves files that begin with another function's
 * name out of a zip, so each has its own chunks alone.
 */
const { basename, extname } = require('node:path');

const ownChunks = {
  name: 'own-chunks',
  setup: ({ initialOptions }) => {
    const [entry] = initialOptions.entryPoints;
    initialOptions.chunkNames = `${basename(entry, extname(entry))}.[hash]`;
  },
};

module.exports = ownChunks;
