import type { RunView } from '../../lib/runs/view.ts';
import type { SearchMatch } from '../../lib/search/search-query.ts';
import type { Stack } from '../../local/start-stack.ts';
import { CommandError } from '../command.ts';
import { diversityText, figuresTable } from '../terminal/figures.ts';
import { wrap } from '../terminal/layout.ts';
import { printableLine } from '../terminal/printable.ts';
import type { Screen } from '../terminal/screen.ts';
import { showTexts } from '../terminal/texts.ts';
import { type ApiClient, countVectors, followRun, readRun, readUntil } from './client.ts';
import { clockCheckText, compareClocks, readClocks } from './clock-check.ts';

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
  stream: true,
};

const DIVERSITY_SAMPLES = 8;

/** Generous: a real index may have to be created first, and new vectors become visible only after a while. */
const COMPLETED_LIMIT_MS = 120_000;
const VISIBLE_LIMIT_MS = 20_000;

const QUERY = 'similarity search';
const QUOTED_WORDS = 8;

type DemoDeps = {
  stack: Stack;
  client: ApiClient;
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

  await client.post('/runs', warmUpRun(unpaced));
  screen.line(screen.dim('warm-up done: one small run, not shown, took the cold start'));
  screen.line();
  for (const line of wrap(`> ${printableLine(prompt)}`, screen.width())) screen.line(line);
  screen.line();

  const shown = await showRun(prompt, deps);
  screen.entry('clock check', await clockCheck(shown, deps));

  const sampled = await showDiversity(prompt, unpaced, deps);
  await showStored([await completed(client, shown.id), sampled], deps);
  await showSearch(deps);
  const hints = [
    'npm start',
    ...(isLocalModel ? ['put keys into .env and run again'] : []),
    'drop a file into .everytoken/drop/',
    'npm run demo -- "Explain neural nets."',
  ];
  screen.entry('next', ...hints);
};

const showRun = async (prompt: string, { client, screen }: DemoDeps): Promise<RunView> => {
  const texts = showTexts(screen, LABELS);
  let run: RunView;
  try {
    const id = await followRun(client, shownRun(prompt), { onText: texts.update });
    run = await readRun(client, id);
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

const clockCheck = async (run: RunView, { stack, client }: DemoDeps): Promise<string> => {
  if (stack.outside.openai !== undefined)
    return 'not possible: the server does not report when it emitted tokens';
  return clockCheckText(compareClocks(await readClocks(client, stack, run)));
};

const showDiversity = async (
  prompt: string,
  unpaced: Record<string, unknown> | null,
  { client, screen }: DemoDeps,
): Promise<RunView> => {
  const live = screen.isLive ? screen.live() : undefined;
  const all = LABELS.length * DIVERSITY_SAMPLES;
  const showProgress = (count: number) => live?.show([screen.dim(`diversity    ${count} of ${all} samples`)]);
  showProgress(0);
  const id = await followRun(client, diversityRun(prompt, unpaced), { onEnded: showProgress });
  live?.show([screen.dim(`diversity    ${all} samples, embedding`)]);
  const run = await completed(client, id);
  live?.show([]);
  const samples = `${DIVERSITY_SAMPLES} more samples of each${unpaced ? ', unpaced' : ''}`;
  screen.entry('diversity', `${samples}: ${diversityText(run, LABELS)}`);
  return run;
};

const completed = async (client: ApiClient, id: string): Promise<RunView> => {
  const run = await readUntil(
    () => readRun(client, id),
    ({ status }) => status === 'completed',
    COMPLETED_LIMIT_MS,
  );
  if (run.status === 'completed') return run;
  throw new CommandError(`run ${id} is still ${run.status} after ${COMPLETED_LIMIT_MS / 1000} s`);
};

const showStored = async (runs: RunView[], { stack, screen, pineconeKey }: DemoDeps): Promise<void> => {
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
    () => client.post<{ data: SearchMatch[] }>('/search', { query: QUERY, top_k: 1 }),
    (found) => found.data.length > 0,
    VISIBLE_LIMIT_MS,
  );
  const [best] = data;
  if (!best) throw new CommandError(`the search for "${QUERY}" found nothing, though vectors are stored`);
  const words = printableLine(best.text).split(' ');
  const begin = words.length > QUOTED_WORDS ? `${words.slice(0, QUOTED_WORDS).join(' ')}…` : words.join(' ');
  const label = printableLine(best.label || best.run_id);
  screen.entry('search', `"${QUERY}" → ${best.score.toFixed(2)}`, `${label} #${best.index}`, `“${begin}”`);
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
