/**
 * Builds the dashboard with Vite, in memory. The result depends on the sources alone: neither on the environment nor on
 * files of settings beside them.
 */
const { readdirSync, readFileSync, realpathSync } = require('node:fs');
const { basename, extname, join, resolve } = require('node:path');
const { packAsset } = require('./pack-asset.cjs');

const buildDashboard = async (folder) => {
  const root = realpathSync(folder);
  const { build } = await import('vite');
  const output = await inProduction(async () => {
    const { output } = await build({
      root,
      configFile: join(root, 'vite.config.ts'),
      envDir: false,
      logLevel: 'warn',
      build: {
        write: false,
        rolldownOptions: { cwd: root }, // else hashes would depend on where the folder is
      },
    });
    return output.toSorted((one, other) => (one.fileName < other.fileName ? -1 : 1));
  });
  for (const { fileName, source } of output) refuseMissing(fileName, source);
  const page = output.find(({ fileName }) => fileName === 'index.html');
  const hashed = output.filter((file) => file !== page);
  const modules = hashed.flatMap(({ moduleIds = [], originalFileNames = [] }) => [
    ...moduleIds.filter((id) => !id.startsWith('\0')),
    ...originalFileNames.map((file) => resolve(root, file)),
  ]);
  return {
    html: page.source,
    assets: hashed.map(({ fileName, code, source }) => packAsset(nameOf(fileName), code ?? source)),
    licences: packAsset('licences.txt', licencesOf(modules)),
    chunks: hashed.filter(({ type }) => type === 'chunk').map(chunkOf),
    modules,
  };
};

/** Vite takes over NODE_ENV, which test runners set. */
const inProduction = async (work) => {
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
};

/** Browsers keep assets for ever, so each needs a hash in its name: `assets/NAME-HASH.js`. */
const nameOf = (fileName) => {
  const name = basename(fileName);
  if (fileName === `assets/${name}` && /-[\w-]{8}$/.test(basename(name, extname(name)))) return name;
  throw new Error(
    `the build of the dashboard made ${fileName}, which has no hash in its name: import the file in place of having it in public/`,
  );
};

/** Vite leaves the address of a file that is not installed as it stands in the style, and warns at most. */
const refuseMissing = (fileName, source) => {
  const [missing] = fileName.endsWith('.css') ? (/url\(["']?@[^)]*\)/.exec(String(source)) ?? []) : [];
  if (missing !== undefined)
    throw new Error(`the dashboard's style names ${missing}, which is not installed: run npm ci`);
};

/** The notices of all packages that files belong to, which their licences ask to be kept. Vite's own list has no fonts. */
const licencesOf = (files) => {
  const packages = files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? []);
  const notices = [...new Set(packages)].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const texts = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
    return [
      `${name} ${version}: ${license}`,
      ...texts.map((file) => readFileSync(join(folder, file), 'utf8')),
    ].join('\n\n');
  });
  return `The dashboard is made with these packages.\n\n${notices.join('\n\n')}`;
};

const chunkOf = ({ fileName, isEntry, imports, dynamicImports, viteMetadata }) => ({
  name: basename(fileName),
  isEntry,
  imports: imports.map((file) => basename(file)),
  dynamicImports: dynamicImports.map((file) => basename(file)),
  styles: [...viteMetadata.importedCss].map((file) => basename(file)),
});

module.exports = { buildDashboard };
