import { answerParent } from '../child.ts';
import type { Shape } from './answers.ts';
import type { MakeReader, ReaderName } from './reader.ts';
import type { Addresses } from './server-process.ts';

// Runs as a child process, one for each reader, shape and round, so that no reader runs code that was compiled for another.

/** Reads `answers` answers, `streams` at a time. */
export type ReaderQuestion = { shape: Shape; streams: number; answers: number };

/** The time of this process's CPUs (user and system) and of the clock, in microseconds. */
export type ReaderAnswer = { cpuMicros: number; wallMicros: number; chars: (number | null)[] };

const LOAD: Record<ReaderName, () => Promise<MakeReader>> = {
  bytes: async () => (await import('./readers/bytes.ts')).makeReader,
  parser: async () => (await import('./readers/parser.ts')).makeReader,
  openai: async () => (await import('./readers/openai.ts')).makeReader,
  'ai-sdk': async () => (await import('./readers/ai-sdk.ts')).makeReader,
  langchain: async () => (await import('./readers/langchain.ts')).makeReader,
  everytoken: async () => (await import('./readers/everytoken.ts')).makeReader,
  runs: async () => (await import('./readers/relay.ts')).makeRelayReader('runs'),
  chat: async () => (await import('./readers/relay.ts')).makeRelayReader('chat'),
};

const { name, addresses }: { name: ReaderName; addresses: Addresses } = JSON.parse(process.argv[2] ?? '{}');
const loading = LOAD[name]().then((makeReader) => makeReader(addresses));
loading.catch(() => undefined); // each question awaits `loading` and reports its error

answerParent<ReaderQuestion>(async ({ shape, streams, answers }): Promise<ReaderAnswer> => {
  const read = await loading;
  let left = answers;
  const chars: (number | null)[] = [];
  const readOn = async () => {
    while (left-- > 0) chars.push(await read(shape));
  };
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: streams }, readOn));
  const wallMicros = (performance.now() - startedAt) * 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { cpuMicros: user + system, wallMicros, chars };
});
