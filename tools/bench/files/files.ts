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

/** `lines` pass through intake and assembly; `generate` lines are also generated. 0 skips that part. */
type Options = { lines: number; generate: number };

const USAGE = 'usage: npm run bench -- files [--lines 100000] [--generate 5000]';

/**
 * `npm run bench -- files`: passes a large prompt file through intake and assembly, and a smaller one through
 * generation as well. Resolves to the exit status: 1 when a check did not hold.
 */
export const run = async (args: string[]): Promise<number> => {
  const { lines, generate } = parseOptions(args);
  const folder = mkdtempSync(join(tmpdir(), 'everytoken-bench-'));
  const before = loadavg();
  // Runs on an interrupt too. The stack's own exit listener was prepended, so the stack is dead by then.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  exitOnSignal();
  const models = startChild<{ ask: 'url' }, ModelServer>(new URL('./model-server.ts', import.meta.url), '');
  const phases = makePhases(console.log);
  console.log(
    `node ${process.versions.node}, ${availableParallelism()} x ${cpus()[0]?.model ?? 'CPU'}, load ${formatLoad(before)} · data in ${folder}`,
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
    for (const { title, sentences } of verdicts) console.log(`\n${title}\n  ${sentences.join('\n  ')}`);
    if (intake) console.log(`\n${HOW.join('\n')}`);
    console.log(`Load of the machine: ${formatLoad(before)} before, ${formatLoad(loadavg())} after.`);
    return verdicts.every(({ held }) => held) ? 0 : 1;
  } finally {
    await models.end();
  }
};

/**
 * Parses the command line.
 * @throws {UsageError} for an unknown flag or a value out of range
 */
export const parseOptions = (args: string[]): Options => {
  const flags = {
    lines: { type: 'string', default: '100000' },
    generate: { type: 'string', default: '5000' },
  } as const;
  const { lines, generate } = readFlags(args, flags, USAGE);
  const range = { least: 0, most: MAX_PROMPTS, usage: USAGE };
  return { lines: wholeNumber('lines', lines, range), generate: wholeNumber('generate', generate, range) };
};

const formatLoad = (load: number[]): string => load.map((value) => value.toFixed(1)).join(' ');

const HOW = [
  'Memory: VmHWM of each process that runs the intake function, read from /proc five times a second.',
  'Intake and assembly: one line is generated. The runs of the others are copies of it, written to the table and the',
  'bucket before the file is uploaded; their blocks are marked as done once intake has written them. Reading, writing',
  'blocks, sending, assembling and recovery after the kills are done by the real functions on the real local stack.',
];
