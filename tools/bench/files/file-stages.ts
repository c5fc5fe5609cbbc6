import { FILE_LIMITS } from '../../../lib/files/limits.ts';
import { hasFileEnded, type PromptFile } from '../../../lib/files/prompt-file.ts';
import { pollUntil } from '../../poll-until.ts';
import type { Clients } from './clients.ts';
import type { Phases } from './phases.ts';

const LIMIT_MS = 30 * 60_000;
const EVERY_MS = 250;
/** Covers the rest of a dead process's lease and the sweep, which runs once a minute. */
const TAKEOVER_LIMIT_MS = 3 * 60_000;

export const untilBlock = (id: string, number: number, { files }: Clients): Promise<unknown> =>
  pollUntil(`block ${number}`, () => files.getBlock(id, number), LIMIT_MS, 50);

const fileOf = async (id: string, { files }: Clients): Promise<PromptFile> => {
  const file = await files.get(id);
  if (!file) throw new Error(`${id} is not in the table`);
  return file;
};

/** Waits until another worker holds the file's lease, or the file has ended. `before` is the old lease's token. */
export const untilTaken = (id: string, before: string | undefined, clients: Clients): Promise<true> =>
  pollUntil(
    'another worker to take the file',
    async () => {
      const { lease, endedAt } = await fileOf(id, clients);
      return endedAt !== null || (lease !== null && lease.token !== before);
    },
    TAKEOVER_LIMIT_MS,
    EVERY_MS,
  );

export const untilRead = (id: string, clients: Clients): Promise<true> =>
  pollUntil(
    'the file to be read',
    async () => (await fileOf(id, clients)).status !== 'reading',
    LIMIT_MS,
    EVERY_MS,
  );

/** Waits for an assembler and returns its lease token; empty when the file ended before the lease was seen. */
export const untilAssembling = (id: string, clients: Clients): Promise<string> =>
  pollUntil(
    'an assembler to start',
    async () => {
      const file = await fileOf(id, clients);
      return file.lease?.token ?? (hasFileEnded(file) ? '' : undefined);
    },
    LIMIT_MS,
    EVERY_MS,
  );

const ASSEMBLY_EVERY_MS = 1_000;

export const untilAssembled = (id: string, block: number, clients: Clients, phases: Phases) =>
  pollUntil(
    'half of the results',
    async () => {
      if (hasFileEnded(await fileOf(id, clients))) return 'over' as const;
      const done = await assembledBlocks(id, clients);
      phases.progress(`${done * FILE_LIMITS.blockLines} lines at the last checkpoint`);
      return done >= block ? ('in the middle' as const) : undefined;
    },
    LIMIT_MS,
    ASSEMBLY_EVERY_MS,
  );

export const untilEnded = (id: string, clients: Clients, phases: Phases): Promise<PromptFile> =>
  pollUntil(
    'the results',
    async () => {
      const file = await fileOf(id, clients);
      if (hasFileEnded(file)) return file;
      phases.progress(`${(await assembledBlocks(id, clients)) * FILE_LIMITS.blockLines} lines`);
      return undefined;
    },
    LIMIT_MS,
    ASSEMBLY_EVERY_MS,
  );

/** The number of blocks assembled at the last checkpoint; 0 before the first. */
const assembledBlocks = async (id: string, clients: Clients): Promise<number> => {
  const state = await clients.text(`files/${id}/assembly.json`).catch(() => 'null');
  return (JSON.parse(state) as { block: number } | null)?.block ?? 0;
};
