import { expect, test } from 'vitest';
import { type CpuProfile, sharesOfParts } from '../../../../tools/bench/files/stack-profile.ts';

const node = (id: number, functionName: string, url: string, children: number[] = []) => ({
  id,
  callFrame: { functionName, url },
  children,
});

// Samples of 1 ms each, starting at 5,000 ms on the monotonic clock.
const profile = (nodes: CpuProfile['nodes'], samples: number[]): CpuProfile => ({
  nodes,
  samples,
  timeDeltas: samples.map(() => 1_000),
  startTime: 5_000_000,
});
const always = { fromMs: 0, toMs: Number.POSITIVE_INFINITY };

const nodes = [
  node(1, '(root)', '', [2, 5, 6, 7]),
  node(2, 'put', 'file:///r/node_modules/dynalite/db.js', [3, 4]),
  node(3, 'parse', 'node:internal/json'),
  node(4, 'putPart', 'file:///r/local/aws/s3/put-in-parts.ts'),
  node(5, '(idle)', ''),
  node(6, '(garbage collector)', ''),
  node(7, 'parserOnHeaders', 'node:_http_common'),
];

test('time counts for the part whose code was called last, and idle time for none', () => {
  const shares = sharesOfParts(profile(nodes, [2, 3, 3, 4, 5, 5, 5, 6, 7, 7]), always);
  expect([...shares]).toEqual([
    ['DynamoDB', 3 / 7],
    ['HTTP, disk and the rest of Node', 2 / 7],
    ['S3', 1 / 7],
    ['garbage collection', 1 / 7],
  ]);
});

test('samples outside of the two instants do not count', () => {
  const shares = sharesOfParts(profile(nodes, [2, 2, 4, 4, 2]), { fromMs: 5_003, toMs: 5_004 });
  expect([...shares]).toEqual([['S3', 1]]);
});
