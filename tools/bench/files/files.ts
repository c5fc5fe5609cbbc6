import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { MAX_PROMPTS } from '../../../lib/files/formats/format-of-key.ts';
import { exitOnSignal, readFlags, wholeNumber } from '../../command.ts';
import { startChild } from '../child.ts';
import { generationPart } from './generation-part.ts';
import { intakePart } from './intake-part.ts';
import { makePhases, phaseTable } from './phases.ts';
import { generationVerdict, intakeVerdict, shareTable } from './summary.ts';

type ModelServer = { url: string; pid: number; model: string };

/** `lines` go through intake and assembly, `generate` lines are generated as well; 0 leaves that part out. */
type Options = { lines: number; generate: number };

const USAGE = 'usage: npm run bench -- files [--lines 100000] [--generate 5000]';

/** `npm run bench -- files`: a large prompt file through intake and assembly, and a smaller one generated as well. */
export const run = async (args: string[]): Promise<number> => {
  const { lines, generate } = parseOptions(args);
  const folder = mkdtempSync(join(tmpdir(), 'everytoken-bench-'));
  const before = loadavg();
  // Also when it is interrupted: the stack, in a process group of its own, ends first.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  exitOnSignal();
  const models = startChild<{ ask: 'url' }, ModelServer>(new URL('./model-server.ts', import.meta.url), '');
  const phases = makePhases(console.log);
  console.log(
    `node ${process.versions.node}, ${availableParallelism()} x ${cpus()[0]?.model ?? 'CPU'}, load ${told(before)} · data in ${folder}`,
  );
  try {
    const { url, pid, model } = await models.ask({ ask: 'url' });
    const given = { folder, phases, variables: { OPENAI_BASE_URL: url, DEFAULT_MODEL: model } };
    const intake = lines > 0 ? await intakePart({ ...given, lines }) : undefined;
    const generation =
      generate > 0 ? await generationPart({ ...given, lines: generate, modelServer: pid }) : undefined;
    console.log(`\n${phaseTable(phases.phases).join('\n')}`);
    const verdicts = [
      ...(intake ? [{ title: 'Intake and assembly', ...intakeVerdict(intake, lines) }] : []),
      ...(generation
        ? [{ title: 'Generation', ...generationVerdict(generation, availableParallelism()) }]
        : []),
    ];
    if (generation) console.log(`\n${shareTable(generation).join('\n')}`);
    for (const { title, told: sentences } of verdicts) console.log(`\n${title}\n  ${sentences.join('\n  ')}`);
    if (intake) console.log(`\n${HOW.join('\n')}`);
    console.log(`Load of the machine: ${told(before)} before, ${told(loadavg())} after.`);
    return verdicts.every(({ held }) => held) ? 0 : 1;
  } finally {
    await models.end();
  }
};

/** The options of a command line. Throws `UsageError` for anything unknown or out of range. */
export const parseOptions = (args: string[]): Options => {
  const flags = {
    lines: { type: 'string', default: '100000' },
    generate: { type: 'string', default: '5000' },
  } as const;
  const { lines, generate } = readFlags(args, flags, USAGE);
  const range = { least: 0, most: MAX_PROMPTS, usage: USAGE };
  return { lines: wholeNumber('lines', lines, range), generate: wholeNumber('generate', generate, range) };
};

const told = (load: number[]): string => load.map((value) => value.toFixed(1)).join(' ');

const HOW = [
  'Memory: VmHWM of each process that runs the intake function, read from /proc five times a second.',
  'Of the lines of intake and assembly one is generated; the runs of the others are copies of it, put into the table and',
  'the bucket before the file is dropped, and their blocks are marked as done when intake has written them. Reading,',
  'blocks, sending, assembling and all that the crashes ask for are the real functions on the real local stack.',
];
