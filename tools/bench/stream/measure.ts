import { seededRandom } from '../../../local/model/random.ts';
import { startChild } from '../child.ts';
import { answerOf } from './answers.ts';
import type { Options } from './options.ts';
import { type Turn, turnsOf } from './plan.ts';
import type { ReaderAnswer, ReaderQuestion } from './reader-process.ts';
import type { Sample } from './results.ts';
import type { Addresses } from './server-process.ts';

const SEED = 1;
const WARM_UPS = 6;
const WARM_MS = 3_000;

/** Reads again and again, until the code is compiled: compiling takes CPU of other threads, too. */
const warmUp = async (read: () => Promise<unknown>): Promise<void> => {
  const until = performance.now() + WARM_MS;
  for (let at = 0; at < WARM_UPS && (at === 0 || performance.now() < until); at++) await read();
};

/**
 * Runs all turns one after another, against one server of tokens. A turn first reads its answers without being counted,
 * all of them up to six times within three seconds. Then it counts them, once for each number of `streams`.
 * @throws {Error} when a reader has not read the whole of an answer
 */
export const measure = async (
  options: Options,
  onTurn: (done: number, turns: number, turn: Turn) => void,
): Promise<Sample[]> => {
  const { events, answers } = options;
  const server = startChild<object, Addresses>(
    new URL('server-process.ts', import.meta.url),
    JSON.stringify({ events }),
  );
  try {
    const addresses = await server.ask({});
    const turns = turnsOf(options, seededRandom(SEED));
    const samples: Sample[] = [];
    for (const [at, turn] of turns.entries()) {
      onTurn(at, turns.length, turn);
      samples.push(...(await take(turn, options, addresses)));
    }
    return samples;
  } finally {
    await server.end();
  }

  async function take(turn: Turn, { streams }: Options, addresses: Addresses): Promise<Sample[]> {
    const { shape, reader: name } = turn;
    const { chars: wanted, tokens } = answerOf(shape, events);
    const child = startChild<ReaderQuestion, ReaderAnswer>(
      new URL('reader-process.ts', import.meta.url),
      JSON.stringify({ name, addresses }),
    );
    const samples: Sample[] = [];
    try {
      await warmUp(() => child.ask({ shape, answers, streams: Math.min(...streams) }));
      for (const count of streams) {
        await child.ask({ shape, answers, streams: count }); // connections are opened
        const { cpuMicros, wallMicros, chars } = await child.ask({ shape, answers, streams: count });
        const wrong = chars.find((read) => read !== null && read !== wanted);
        if (wrong !== undefined || chars.length !== answers)
          throw new Error(
            `${name} read ${wrong} characters of an answer in the shape ${shape}, not ${wanted}`,
          );
        const read = answers * tokens;
        samples.push({ ...turn, streams: count, cpuMicros: cpuMicros / read, wallMicros: wallMicros / read });
      }
      return samples;
    } finally {
      await child.end();
    }
  }
};
