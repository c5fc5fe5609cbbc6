import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type Frame = { functionName: string; url: string };
/** The fields of a `.cpuprofile` used here: a call tree, and the node that was running at each sample. */
export type CpuProfile = {
  nodes: { id: number; callFrame: Frame; children?: number[] }[];
  samples: number[];
  timeDeltas: number[];
  /** On the monotonic clock, in µs; each of `timeDeltas` (µs) is added to it in turn. */
  startTime: number;
};

/** Parts of the local stack that share one process, identified by the files of their code. */
const PARTS: [part: string, files: RegExp][] = [
  ['DynamoDB', /\/node_modules\/(dynalite|[a-z-]*level[a-z-]*)\//],
  ['SQS', /\/local\/aws\/sqs\//],
  ['S3', /\/local\/aws\/s3\/|\/node_modules\/(fauxqs|fastify|find-my-way|avvio|light-my-request)\//],
  ['queue pollers and their SDK', /\/local\/aws\/triggers\/|\/node_modules\/(@aws-sdk|@smithy)\//],
  ['Pinecone', /\/local\/pinecone\//],
  ['EventBridge', /\/local\/aws\/events\//],
  ['API Gateway', /\/local\/aws\/gateway\//],
  ['function processes’ channels', /\/local\/aws\/lambda\//],
];
const REST = 'HTTP, disk and the rest of Node';
const COLLECTOR = 'garbage collection';

/**
 * Shares (of 1) of a process's busy time, by part, the largest first. Counts only samples between two instants of the
 * monotonic clock, in ms. A sample counts for the innermost part on its call stack; a sample with no part on the stack
 * (such as parsing a new request) counts as the rest.
 */
export const sharesOfParts = (
  { nodes, samples, timeDeltas, startTime }: CpuProfile,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Map<string, number> => {
  const partOf = partsOf(nodes);
  const times = new Map<string, number>();
  let all = 0;
  let nowUs = startTime;
  samples.forEach((node, at) => {
    const us = timeDeltas[at] ?? 0;
    nowUs += us;
    const part = partOf.get(node);
    if (part === undefined || nowUs < fromMs * 1000 || nowUs > toMs * 1000) return;
    times.set(part, (times.get(part) ?? 0) + us);
    all += us;
  });
  return new Map([...times].toSorted(([, a], [, b]) => b - a).map(([part, us]) => [part, us / all]));
};

/** The part of each node; idle nodes have none. */
const partsOf = (nodes: CpuProfile['nodes']): Map<number, string> => {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parts = new Map<number, string>();
  const visit = (id: number, inherited: string): void => {
    const node = byId.get(id);
    if (!node) return;
    const { functionName, url } = node.callFrame;
    const own = PARTS.find(([, files]) => files.test(url.replaceAll('\\', '/')))?.[0] ?? inherited;
    if (functionName === '(garbage collector)') parts.set(id, COLLECTOR);
    else if (functionName !== '(idle)') parts.set(id, own);
    for (const child of node.children ?? []) visit(child, own);
  };
  const children = new Set(nodes.flatMap((node) => node.children ?? []));
  for (const { id } of nodes) if (!children.has(id)) visit(id, REST);
  return parts;
};

/** The profile that a process's main thread wrote to a folder at its end; undefined when there is none. */
export const readProfile = (folder: string, pid: number): CpuProfile | undefined => {
  const name = readdirSync(folder).find(
    (file) => file.endsWith('.cpuprofile') && file.includes(`.${pid}.0.`),
  );
  return name === undefined ? undefined : JSON.parse(readFileSync(join(folder, name), 'utf8'));
};
