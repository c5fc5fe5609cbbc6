import { count, table } from '../../scale/markdown.ts';
import type { Counts } from '../../scale/measured.ts';
import type { Share } from '../files/generation-part.ts';
import { medianOf } from '../medians.ts';
import { CONTENDERS, type Contender } from './outside-calls.ts';
import type { Turn } from './rounds.ts';

const NAMES: Record<Contender, string> = {
  everytoken: 'everytoken',
  langchain: 'LangChain.js program',
  tutorial: "the tutorial's way",
};

/** Requests and units by name; a name ends with `.` where it stands for all that begin with it. */
const CALLS: readonly (readonly [name: string, counts: RegExp])[] = [
  ['model', /^openai\.completions$/],
  ['embeddings', /^openai\.embeddings$/],
  ['Pinecone', /^pinecone\.(?:upserts|others)$/],
  ['Pinecone, units written', /^pinecone\.writeUnits$/],
  ['DynamoDB', /^dynamodb\.[A-Z]\w+$/],
  ['DynamoDB, units written', /^dynamodb\.writeUnits\./],
  ['DynamoDB, units read', /^dynamodb\.readUnits\./],
  ['S3', /^s3\.(?:put|get|head|list|post|delete)$/],
  ['SQS', /^sqs\.(?:[A-Z]\w+|polled)$/],
  ['EventBridge', /^events\.requests$/],
];

const sumOf = (counts: Counts, names: RegExp): number =>
  Object.entries(counts).reduce((sum, [name, amount]) => sum + (names.test(name) ? amount : 0), 0);

/** The outside calls of a run, by contender. */
export const callsTable = (calls: Readonly<Record<Contender, Counts>>): string =>
  table(
    ['requests a run', ...CONTENDERS.map((contender) => NAMES[contender])],
    CALLS.map(([name, names]) => [
      name,
      ...CONTENDERS.map((contender) => {
        const amount = sumOf(calls[contender], names);
        return amount === 0 ? '' : count(amount);
      }),
    ]),
  );

/** Where CPU time goes: a contender's own processes, the local stack's, the model server, or any other. */
type Place = 'own' | 'stack' | 'model' | 'other';

const placeOf = ({ role }: Share, contender: Contender): Place => {
  if (role === 'stack') return 'stack';
  if (role === 'model server') return 'model';
  const isOwn = contender === 'everytoken' ? role.startsWith('function ') : role === contender;
  return isOwn ? 'own' : 'other';
};

const cpuAt = ({ shares, runs, contender }: Turn, place: Place): number =>
  shares.reduce((sum, share) => sum + (placeOf(share, contender) === place ? share.cpuMs : 0), 0) / runs;

/** The medians of a contender's turns: CPU in ms a run by place, and runs a second. */
export const figuresOf = (turns: readonly Turn[], contender: Contender) => {
  const own = turns.filter((turn) => turn.contender === contender && turn.runs > 0);
  const cpu = (place: Place) => medianOf(own.map((turn) => cpuAt(turn, place)));
  const rates = own.map(({ runs, ms }) => (runs * 1_000) / ms);
  return { own: cpu('own'), stack: cpu('stack'), model: cpu('model'), rate: medianOf(rates) };
};

/** CPU a run and runs a second of each contender, with the ratio of everytoken to the LangChain.js program. */
export const roundsTable = (turns: readonly Turn[]): string => {
  const all = CONTENDERS.map((contender) => figuresOf(turns, contender));
  const [first, second] = all;
  const row = (name: string, key: keyof ReturnType<typeof figuresOf>) => [
    name,
    ...all.map((figures) => figures[key].toFixed(1)),
    first && second && second[key] > 0 ? `${(first[key] / second[key]).toFixed(2)}x` : '',
  ];
  return table(
    ['medians of the rounds', ...CONTENDERS.map((contender) => NAMES[contender]), 'to LangChain.js'],
    [
      row('own CPU, ms a run', 'own'),
      row("the local stack's process, ms a run", 'stack'),
      row('model server, ms a run', 'model'),
      row('runs a second', 'rate'),
    ],
  );
};

/** A turn of everytoken with the median rate, as the table of processes shows it. */
export const medianTurn = (turns: readonly Turn[]): Turn | undefined => {
  const own = turns.filter(({ contender }) => contender === 'everytoken').toSorted((a, b) => a.ms - b.ms);
  return own[Math.floor((own.length - 1) / 2)];
};

/** The CPU that a run of everytoken takes, by whose it is, and the bound of its rate on so many cores. */
export const boundSentences = (turns: readonly Turn[], cores: number): string[] => {
  const { own, stack, model, rate } = figuresOf(turns, 'everytoken');
  const all = own + stack + model;
  const share = (ms: number) => `${((100 * ms) / all).toFixed(0)}%`;
  return [
    `A run of everytoken takes ${all.toFixed(1)} ms of CPU: ${own.toFixed(1)} in its functions (${share(own)}), ${stack.toFixed(1)} in the local stack's process (${share(stack)}), ${model.toFixed(1)} in the model server (${share(model)}).`,
    `${cores} cores with nothing else to do give at most ${((cores * 1_000) / all).toFixed(0)} runs a second; ${rate.toFixed(0)} were measured.`,
    `On AWS the functions alone are ours: they would give ${((cores * 1_000) / own).toFixed(0)} runs a second on ${cores} cores.`,
  ];
};
