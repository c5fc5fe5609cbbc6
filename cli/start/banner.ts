import { isAbsolute, relative } from 'node:path';
import { readSettings, type UserVariables } from '../../local/settings.ts';
import type { Outside, Stack } from '../../local/start-stack.ts';
import { ROOT } from '../command.ts';
import { PROGRAM } from '../program-name.ts';
import { cutLine, wrapPieces } from '../terminal/layout.ts';
import { printableLine } from '../terminal/printable.ts';
import type { Screen } from '../terminal/screen.ts';
import { setVariables, shownAddress } from '../variables.ts';

const NAME_WIDTH = 13;

/** One entry a part: the address of the user's own service, or a note that the part is local. */
export const showServices = (screen: Screen, outside: Outside): void => {
  const [openai, embeddings, pinecone] = [outside.openai, outside.embeddings, outside.pinecone].map(
    (address) => address && shownAddress(address),
  );
  const { aws } = outside;
  screen.entry('model', openai ?? 'local n-gram model (everytoken-ngram), not an LLM');
  screen.entry(
    'embeddings',
    embeddings ??
      (openai ? `${openai}, or local where it has none` : 'local sentence encoder (everytoken-use)'),
  );
  screen.entry('pinecone', pinecone ?? 'local, exact cosine');
  screen.entry('aws', aws.length > 0 ? `${aws.join(', ')}; the rest local` : 'local');
};

/** One line for each variable that is set and its effect; never a secret's value. */
export const showVariables = (screen: Screen, variables: UserVariables): void => {
  const set = setVariables(variables).filter(({ variable }) => variable.group !== 'Commands');
  for (const [at, { variable, shown }] of set.entries()) {
    const value = shown === 'set' ? `${variable.name} is set` : `${variable.name}=${shown}`;
    const title = at === 0 ? screen.bold('variables'.padEnd(NAME_WIDTH)) : ' '.repeat(NAME_WIDTH);
    const text = cutLine(`${value} · ${variable.does}`, screen.width() - NAME_WIDTH);
    screen.line(title + text);
  }
};

/** The demo's first lines. If it uses services of the user's own, they are named before they can cost anything. */
export const showDemoHeadline = (screen: Screen, outside: Outside, pace: number): void => {
  const { openai, embeddings, pinecone, aws } = outside;
  const pacing = pace === 0 ? 'unpaced' : `pace simulated at ${pace} tokens/s`;
  const local = ['local n-gram model, not an LLM', pacing];
  const pieces = [
    screen.bold('everytoken demo'),
    ...(openai === undefined ? local : [`model at ${hostOf(openai)}`]),
  ];
  for (const line of wrapPieces(pieces, ' · ', screen.width())) screen.line(line);
  if ([openai, embeddings, pinecone, ...aws].every((service) => service === undefined)) return;
  showServices(screen, outside);
  screen.entry(
    'cost',
    'services that are not local are your own:',
    "they may charge you for some 20 short texts, and keep the demo's data",
  );
};

/** Shows only the host: a URL can contain a password. */
const hostOf = (url: string): string => URL.parse(url)?.host ?? url;

/** A folder as its owner would write it: below the repository without the way there. */
export const shownPath = (path: string): string => {
  const below = relative(ROOT, path);
  return below === '' || below.startsWith('..') || isAbsolute(below) ? path : below;
};

/**
 * The line with which commands in a new shell find a stack on this data folder; `undefined` where they look by
 * themselves.
 */
export const exportFor = (dataDir: string, env: Record<string, string | undefined>): string | undefined => {
  const { EVERYTOKEN_DATA_DIR: _, ...others } = env;
  if (readSettings(ROOT, others).dataDir === dataDir) return undefined;
  return `export EVERYTOKEN_DATA_DIR=${quoted(shownPath(dataDir))}`;
};

/** A text as one word of a shell. */
export const quoted = (text: string): string =>
  /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

type Started = { stack: Stack; dataDir: string; env: Record<string, string | undefined> };

/** The lines that stay on top: addresses, folders, what to try, how to stop. */
export const showBanner = (screen: Screen, { stack, dataDir, env }: Started): void => {
  const folder = printableLine(shownPath(dataDir));
  const asksForKey =
    stack.credentials.api !== null
      ? ['asks for a key (EVERYTOKEN_API_KEYS); the commands below have one of their own']
      : [];
  screen.entry('dashboard', `${stack.dashboard}/`);
  screen.entry('API', stack.api, `described at ${stack.api}/docs`, ...asksForKey);
  screen.entry('data', `${folder}/`, 'the addresses and keys of all parts are in stack.json');
  screen.entry('prompt files', `put them into ${folder}/drop/`, `results come into ${folder}/results/`);
  screen.line();
  const exported = exportFor(dataDir, env);
  for (const [at, line] of [...(exported === undefined ? [] : [exported]), ...TRY].entries())
    screen.line(`${at === 0 ? screen.bold('try'.padEnd(NAME_WIDTH)) : ' '.repeat(NAME_WIDTH)}${line}`);
  screen.entry('stop', 'Ctrl-C', 'stored data stays, and unfinished work goes on at the next start');
  screen.line();
};

const TRY = ['run "Explain neural nets."', 'runs', 'models'].map((words) => `${PROGRAM} ${words}`);
