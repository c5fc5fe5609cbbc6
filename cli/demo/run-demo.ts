import stringWidth from 'string-width';
import type { Everytoken, Run, RunInput } from '../../client/index.ts';
import type { Stack } from '../../local/start-stack.ts';
import { CommandError } from '../command.ts';
import { PROGRAM } from '../program-name.ts';
import { quoted, shownPath } from '../start/banner.ts';
import { diversityText, figuresTable } from '../terminal/figures.ts';
import { padTo, wrap } from '../terminal/layout.ts';
import { printableLine } from '../terminal/printable.ts';
import type { Screen } from '../terminal/screen.ts';
import { showTexts } from '../terminal/texts.ts';
import { clockCheckTexts, compareClocks, readClocks } from './clock-check.ts';
import { countVectors, readUntil } from './count-vectors.ts';

/** The tutorial's prompt and sampling: two settings that should give different outputs. */
export const TUTORIAL_PROMPT = 'Explain vector databases in a technical manner.';

const LABELS = ['Top-k 40', 'Top-p 0.9'] as const;

const SAMPLING = {
  max_tokens: 100,
  temperature: 0.5,
  settings: [
    { label: LABELS[0], top_k: 40, top_p: 1.0 },
    { label: LABELS[1], top_p: 0.9 },
  ],
};

const DIVERSITY_SAMPLES = 8;

/** Generous: a real index may have to be created first, and new vectors become visible only after a while. */
const COMPLETED_LIMIT_MS = 120_000;
const VISIBLE_LIMIT_MS = 20_000;

const QUERY = 'similarity search';
const QUOTED_WORDS = 8;

type DemoDeps = {
  stack: Stack;
  dataDir: string;
  client: Everytoken;
  screen: Screen;
  pineconeKey: string;
};

/**
 * Runs the tutorial's main task on a running stack: two settings side by side, their figures, the clock check,
 * diversity, storage, a search. Every figure is read back from the API.
 *
 * @throws {CommandError} when a step fails
 */
export const runDemo = async (prompt: string, deps: DemoDeps): Promise<void> => {
  const { screen, client, stack } = deps;
  const isLocalModel = stack.outside.openai === undefined;
  const unpaced = isLocalModel ? { pace: 0 } : null;

  await client.runs.create(warmUpRun(unpaced));
  screen.line(screen.dim('warm-up done: one small run, not shown, took the cold start'));
  screen.line();
  for (const line of wrap(`> ${printableLine(prompt)}`, screen.width())) screen.line(line);
  screen.line();

  const shown = await showRun(prompt, deps);
  screen.entry('clock check', ...(await clockCheck(shown, deps)));

  const sampled = await showDiversity(prompt, unpaced, deps);
  await showStored([await completed(client, shown.id), sampled], deps);
  await showSearch(deps);
  showNext(shown.id, isLocalModel, deps);
};

/** Commands that work as written: the demo's stack has ended, and another one on its folder has its data. */
const showNext = (runId: string, isLocalModel: boolean, { screen, dataDir }: DemoDeps): void => {
  const folder = `EVERYTOKEN_DATA_DIR=${quoted(shownPath(dataDir))}`;
  const steps = [
    [`${folder} npm start`, "this demo's data, until Ctrl-C"],
    [`export ${folder}`, 'in a second terminal'],
    [`${PROGRAM} show ${runId}`, 'the run above'],
    [`${PROGRAM} run "Explain neural nets."`, 'another one'],
    ...(isLocalModel ? [['npm run demo', 'after Ctrl-C there, with your keys in .env']] : []),
  ] as const;
  const width = Math.max(...steps.map(([command = '']) => stringWidth(command)));
  screen.line(screen.bold('next'));
  for (const [command = '', text] of steps) {
    const line = `  ${padTo(command, width)}  # ${text}`;
    screen.line(stringWidth(line) <= screen.width() ? line : `  ${command}`);
  }
};

const showRun = async (prompt: string, { client, screen }: DemoDeps): Promise<Run> => {
  const texts = showTexts(screen, LABELS);
  let run: Run;
  try {
    run = await follow(client, shownRun(prompt), { onText: texts.update });
  } finally {
    texts.stop();
  }
  for (const { index, text } of run.generations) texts.update(index, text ?? '');
  texts.finish();
  if (screen.isLive) screen.line();
  for (const line of figuresTable(run.generations, screen.width())) screen.line(line);
  const isCold = run.generations.some(({ timing }) => timing?.cold_start);
  screen.line(
    screen.dim(
      `* total ÷ tokens, waiting included: the tutorial's figure${isCold ? '; with a cold start' : ''}`,
    ),
  );
  screen.line();
  return run;
};

const clockCheck = async (run: Run, { stack, client }: DemoDeps): Promise<string[]> => {
  if (stack.outside.openai !== undefined)
    return ['not possible: the server does not report when it emitted tokens'];
  return clockCheckTexts(compareClocks(await readClocks(client, stack, run)));
};

const showDiversity = async (
  prompt: string,
  unpaced: Record<string, unknown> | null,
  { client, screen }: DemoDeps,
): Promise<Run> => {
  const live = screen.isLive ? screen.live() : undefined;
  const all = LABELS.length * DIVERSITY_SAMPLES;
  const showProgress = (count: number) => live?.show([screen.dim(`diversity    ${count} of ${all} samples`)]);
  showProgress(0);
  const { id } = await follow(client, diversityRun(prompt, unpaced), { onEnded: showProgress });
  live?.show([screen.dim(`diversity    ${all} samples, embedding`)]);
  const run = await completed(client, id);
  live?.show([]);
  const samples = `${DIVERSITY_SAMPLES} more samples of each${unpaced ? ', unpaced' : ''}`;
  screen.entry('diversity', `${samples}: ${diversityText(run, LABELS)}`);
  return run;
};

type Progress = {
  /** Called with a generation's text so far. */
  onText?: (index: number, text: string) => void;
  /** Called with the number of ended generations. */
  onEnded?: (count: number) => void;
};

/** Streams a run to its end. @throws {CommandError} if one of its generations has failed. */
const follow = async (client: Everytoken, input: RunInput, { onText, onEnded }: Progress): Promise<Run> => {
  const texts = new Map<number, string>();
  let ended = 0;
  const setText = (index: number, text: string) => {
    texts.set(index, text);
    onText?.(index, text);
  };
  const stream = client.runs.stream(input);
  for await (const event of stream) {
    if (event.type === 'generation.token') setText(event.index, (texts.get(event.index) ?? '') + event.text);
    if (event.type === 'generation.restarted') setText(event.index, '');
    if (event.type === 'generation.completed') onEnded?.(++ended);
  }
  return allGenerated(await stream.finalRun());
};

const completed = async (client: Everytoken, id: string): Promise<Run> =>
  allGenerated(await client.runs.wait(id, { until: 'completed', timeoutMs: COMPLETED_LIMIT_MS }));

const allGenerated = (run: Run): Run => {
  if (run.error) throw new CommandError(`run ${run.id} failed: ${run.error.message} (${run.error.code})`);
  const failed = run.generations.find(({ status }) => status === 'failed');
  if (failed)
    throw new CommandError(`'${failed.label}' failed: ${failed.error?.message} (${failed.error?.code})`);
  return run;
};

const showStored = async (runs: Run[], { stack, screen, pineconeKey }: DemoDeps): Promise<void> => {
  const written = runs.flatMap(({ generations }) =>
    generations.flatMap(({ vector_ids }) => vector_ids),
  ).length;
  const count = await readUntil(
    () => countVectors({ ...stack, apiKey: pineconeKey }),
    (vectors) => vectors >= written,
    VISIBLE_LIMIT_MS,
  );
  screen.entry('stored', `Pinecone index '${stack.index}' (${count} vectors)`, 'DynamoDB', 'S3');
};

const showSearch = async ({ client, screen }: DemoDeps): Promise<void> => {
  const { data } = await readUntil(
    () => client.search({ query: QUERY, top_k: 1 }),
    (found) => found.data.length > 0,
    VISIBLE_LIMIT_MS,
  );
  const [best] = data;
  if (!best) throw new CommandError(`the search for "${QUERY}" found nothing, though vectors are stored`);
  const words = printableLine(best.text).split(' ');
  const begin = words.length > QUOTED_WORDS ? `${words.slice(0, QUOTED_WORDS).join(' ')}…` : words.join(' ');
  const label = printableLine(best.label || best.run_id);
  screen.entry(
    'search',
    `"${QUERY}" → ${best.score.toFixed(2)}`,
    `${label} #${best.index + 1}`,
    `“${begin}”`,
  );
};

/** The shown run: one output per setting. */
const shownRun = (prompt: string) => ({ ...SAMPLING, prompt });

/** The run for diversity: more outputs of the same settings. The local model generates them unpaced. */
const diversityRun = (prompt: string, extraBody: Record<string, unknown> | null) => ({
  ...SAMPLING,
  prompt,
  samples: DIVERSITY_SAMPLES,
  extra_body: extraBody,
});

/** The run that absorbs cold starts, so that the shown figures are those of a warm service. It is not indexed. */
const warmUpRun = (extraBody: Record<string, unknown> | null) => ({
  prompt: 'Say hello.',
  max_tokens: 8,
  settings: [{ label: 'warm-up' }],
  samples: 2,
  index: false,
  extra_body: extraBody,
  metadata: { purpose: 'warm-up' },
});
