import { readFlags, runCommand, UsageError } from '../command.ts';

/** A benchmark takes the arguments after its name and resolves to the exit status. */
type Bench = { run(args: string[]): Promise<number> };

const BENCHES = new Map<string, { measures: string; load: () => Promise<Bench> }>([
  [
    'truth',
    { measures: 'the errors of the times, and of those of others', load: () => import('./truth/truth.ts') },
  ],
  [
    'stream',
    { measures: 'CPU and time of reading a streamed token', load: () => import('./stream/stream.ts') },
  ],
  ['start', { measures: 'CPU and memory of starting each function', load: () => import('./start/start.ts') }],
  [
    'relay',
    {
      measures: 'time added before the first token and to later ones',
      load: () => import('./relay/relay.ts'),
    },
  ],
  [
    'pipeline',
    {
      measures: 'requests and CPU of a run from a file to its vector',
      load: () => import('./pipeline/pipeline.ts'),
    },
  ],
  [
    'grow',
    { measures: 'units, time and memory while runs are stored', load: () => import('./grow/grow.ts') },
  ],
  ['files', { measures: 'a prompt file of many lines', load: () => import('./files/files.ts') }],
  ['fair', { measures: 'how long callers wait beside a noisy one', load: () => import('./fair/fair.ts') }],
  [
    'comparisons',
    { measures: 'how often a comparison is wrong', load: () => import('./comparisons/comparisons.ts') },
  ],
  ['export', { measures: 'rows a second, and memory', load: () => import('./export/export.ts') }],
  ['search', { measures: 'how many answers a search finds', load: () => import('./search/search.ts') }],
  [
    'dashboard',
    { measures: 'pages with many rows in a browser', load: () => import('./dashboard/dashboard.ts') },
  ],
  ['cli', { measures: 'how long a command takes to start', load: () => import('./cli/cli.ts') }],
]);

const USAGE = `usage: npm run bench -- SUITE [--flags]

${[...BENCHES].map(([name, { measures }]) => `  ${name.padEnd(13)}${measures}`).join('\n')}

npm run bench -- SUITE --help tells its flags; docs/benchmarks.md has figures.`;

await runCommand(async () => {
  const [name = '', ...args] = process.argv.slice(2);
  const bench = BENCHES.get(name);
  if (bench) {
    const [first] = args;
    if (first !== undefined && !first.startsWith('-'))
      throw new UsageError(
        `"${first}" is no flag; flags of npm run stand behind two dashes: npm run bench -- ${name} --flag value`,
      );
    return (await bench.load()).run(args);
  }
  readFlags(name === '--help' ? [name] : [], {}, USAGE);
  throw new UsageError(USAGE);
});
