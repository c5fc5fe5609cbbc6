import { readFileSync } from 'node:fs';

// Prints how many log bytes a run writes, by event. Usage: `npm start -- --verbose > start.log`, make some runs, then
// `node tools/bench/log-bytes.ts start.log`.

const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error('usage: node tools/bench/log-bytes.ts <output of npm start -- --verbose>');
  process.exit(1);
}

type Tally = { lines: number; bytes: number };
const byEvent = new Map<string, Tally>();
const runs = new Set<string>();
for (const printed of readFileSync(file, 'utf8').split('\n')) {
  const text = /^[\w-]+: (\{"time".*\})$/.exec(printed)?.[1];
  if (text === undefined) continue;
  const line: { event: string; function: string; run_id?: string; run_ids?: string[] } = JSON.parse(text);
  const ids = [line.run_id ?? [], line.run_ids ?? []].flat();
  // Lines without a run id, such as the sweep's, are also written by an idle stack.
  if (ids.length === 0) continue;
  for (const id of ids) runs.add(id);
  const name = `${line.function} ${line.event}`;
  const { lines, bytes } = byEvent.get(name) ?? { lines: 0, bytes: 0 };
  byEvent.set(name, { lines: lines + 1, bytes: bytes + Buffer.byteLength(text) + 1 });
}

let total = 0;
for (const [name, { lines, bytes }] of [...byEvent].sort(([, a], [, b]) => b.bytes - a.bytes)) {
  total += bytes;
  console.log(`${name.padEnd(34)} ${String(lines).padStart(6)} lines ${String(bytes).padStart(9)} bytes`);
}
console.log(
  `${runs.size} runs, ${Math.round(total / Math.max(1, runs.size)).toLocaleString('en')} bytes a run`,
);
