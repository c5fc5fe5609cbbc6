/** The parts of package.json that its package has, too. */
export type Manifest = {
  name: string;
  version: string;
  license: string;
  private: boolean;
  type: string;
  exports: object;
  files: string[];
  dependencies: Record<string, string>;
};

/** The file of `dist` that keeps package.json while its package's manifest stands in its place. */
export const KEPT = 'dist/package.json.kept';

/**
 * The manifest of the package that `npm pack` makes: the client with its one dependency, and the command line, which
 * brings along what it uses, without what runs the service. The older version of the parser is for Node 20, for which
 * npm chooses it by itself.
 */
export const packageManifest = ({ name, version, license, ...rest }: Manifest): object => ({
  name,
  version,
  description: "The client of everytoken's API, for Node and browsers, and its command line.",
  license,
  private: rest.private,
  type: rest.type,
  sideEffects: false,
  engines: { node: '>=20' },
  bin: { everytoken: 'dist/cli/everytoken.js' },
  exports: rest.exports,
  files: rest.files,
  dependencies: { 'eventsource-parser': `^3.0.8 || ${rest.dependencies['eventsource-parser']}` },
});
