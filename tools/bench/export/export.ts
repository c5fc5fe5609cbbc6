import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseDocument } from 'yaml';
import { STREAM_FORMATS } from '../../../lib/export/query.ts';
import { exitOnSignal, readFlags, wholeNumber } from '../../command.ts';
import { startChild } from '../child.ts';

const USAGE = 'usage: npm run bench -- export [--runs 50000]';
const MOST_MB = 150;
const EVERY_MS = 50;

/**
 * `npm run bench -- export`: exports so many runs of one output in each format, and reads the memory (RSS) of the process
 * that serves them from outside meanwhile. Fails when it had more than 150 MB, or rows are missing.
 */
export const run = async (args: string[]): Promise<number> => {
  const options = readFlags(args, { runs: { type: 'string', default: '50000' } }, USAGE);
  const runs = wholeNumber('runs', options.runs, { least: 1, most: 10_000_000, usage: USAGE });
  exitOnSignal();
  let isGood = true;
  for (const format of STREAM_FORMATS) {
    const measured = await measure(format, runs);
    isGood &&= measured.rows === runs && measured.mostMb <= MOST_MB;
    const rate = Math.round(measured.rows / measured.seconds).toLocaleString('en');
    console.log(
      `${format}: ${measured.rows.toLocaleString('en')} rows, ${(measured.bytes / 1e6).toFixed(1)} MB in ${measured.seconds.toFixed(1)} s, ${rate} rows/s; RSS of the server ${measured.atStartMb} MB at the start, ${measured.mostMb} MB at most`,
    );
  }
  return isGood ? 0 : 1;
};

const measure = async (format: string, runs: number) => {
  const server = startChild<object, { url: string; pid: number }>(
    new URL('./server-process.ts', import.meta.url),
    JSON.stringify({ runs }),
    { execArgv: nodeOptions() },
  );
  try {
    const { url, pid } = await server.ask({});
    const atStartMb = rssMb(pid);
    let mostMb = atStartMb;
    let isOver = false;
    const watching = (async () => {
      while (!isOver) {
        mostMb = Math.max(mostMb, rssMb(pid));
        await sleep(EVERY_MS);
      }
    })();
    const startedAt = performance.now();
    const { rows, bytes } = await readAll(`${url}/runs?format=${format}`);
    const seconds = (performance.now() - startedAt) / 1_000;
    isOver = true;
    await watching;
    return { rows: format === 'csv' ? rows - 1 : rows, bytes, seconds, atStartMb, mostMb };
  } finally {
    await server.end();
  }
};

/** The flags of Node that the function `read` has on Lambda. */
const nodeOptions = (): string[] => {
  const file = new URL('../../../serverless.yml', import.meta.url);
  const path = ['functions', 'read', 'environment', 'NODE_OPTIONS'];
  return String(parseDocument(readFileSync(file, 'utf8')).getIn(path)).split(' ');
};

/** Counts lines and bytes of an answer, without holding it. */
const readAll = async (url: string): Promise<{ rows: number; bytes: number }> => {
  const response = await fetch(url);
  let rows = 0;
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    bytes += piece.byteLength;
    for (const byte of piece) if (byte === 10) rows += 1;
  }
  return { rows, bytes };
};

/** The resident memory of a process, which Linux tells. */
const rssMb = (pid: number): number => {
  const [, kb] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kb) / 1_024);
};
