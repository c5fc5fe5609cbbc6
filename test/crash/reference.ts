import assert from 'node:assert/strict';
import type { RunStatus } from '../../lib/runs/run.ts';
import type { RunView } from '../../lib/runs/view.ts';
import { makeGenerateOne } from '../factories/generation.ts';

/** First words of prompts, each of which decides how its run ends. */
export const KINDS = ['plain', 'half', 'fail'] as const;
export type Kind = (typeof KINDS)[number];

export const promptOf = (kind: Kind, what: string) => `${kind} ${what}`;

/** The answer of the model to a prompt; null for a generation that fails. */
const textOf = (prompt: string, index: number): string | null =>
  prompt.startsWith('fail') || (prompt.startsWith('half') && index % 2 === 1)
    ? null
    : `${index} of ${prompt}`;

export const generateByReference = () =>
  makeGenerateOne(({ index, messages }) => textOf(messages.at(-1)?.content ?? '', index));

/**
 * Like `generateByReference`, but each answer is different, as from a real model, so that an output in the wrong place
 * is noticed.
 */
export const generateAnew = () => {
  let answers = 0;
  return makeGenerateOne(({ index, messages }) => {
    const text = textOf(messages.at(-1)?.content ?? '', index);
    answers += 1;
    return text && `${text}, answer ${answers}`;
  });
};

/** A run as its caller knows it: its request, and the furthest status seen. */
export type KnownRun = {
  id: string;
  prompt: string;
  outputs: number;
  indexed: boolean;
  background: boolean;
  key: string | undefined;
  body: string;
  seen: RunStatus;
  /** Its acceptance or a deletion met a fault. */
  hasMetFault: boolean;
  /** Its caller has requested its cancellation. */
  isCancelRequested: boolean;
};

const PLACE: Record<RunStatus, number> = {
  ...{ queued: 0, generating: 0, generated: 1 },
  ...{ completed: 2, failed: 2, cancelled: 2, deleted: 3 },
};

export const endOf = ({ prompt }: Pick<KnownRun, 'prompt'>): RunStatus =>
  prompt.startsWith('fail') ? 'failed' : 'completed';

/**
 * Checks that a run's view follows from its request, and that its status never goes back. `crashes` are those of the
 * whole history: at least five are needed to exhaust a run's attempts.
 */
export const expectShown = (known: KnownRun, view: RunView, crashes: number): void => {
  const { id, status, prompt, generations, error } = view;
  assert.deepEqual([id, prompt], [known.id, known.prompt]);
  const isNext =
    PLACE[known.seen] === PLACE.completed ? status === known.seen : PLACE[status] >= PLACE[known.seen];
  assert.ok(isNext, `${id} was ${known.seen}, then ${status}`);
  if (status === 'cancelled') {
    assert.deepEqual([known.isCancelRequested, error?.code, generations], [true, 'cancelled', []]);
    return;
  }
  if (status === 'failed' && endOf(known) !== 'failed') {
    assert.deepEqual([error?.code, crashes >= 5], ['attempts_exhausted', true]);
    return;
  }
  if (PLACE[status] === 0) assert.deepEqual(generations, []);
  else if (status !== 'failed' || generations.length > 0) {
    assert.ok(status === 'generated' ? known.indexed && endOf(known) !== 'failed' : status === endOf(known));
    assert.deepEqual(
      generations.map(({ text }) => text),
      expectedTexts(known),
    );
  }
};

/** Expected texts of a run; an output that failed has none. */
export const expectedTexts = ({ prompt, outputs }: Pick<KnownRun, 'prompt' | 'outputs'>): (string | null)[] =>
  Array.from({ length: outputs }, (_, index) => textOf(prompt, index));

/** Runs as a plain map, and the prompts of all dropped files. */
export type Reference = {
  runs: Map<string, KnownRun>;
  files: { key: string; prompts: string[] }[];
  asked: number;
  crashes: number;
};

export const emptyReference = (): Reference => ({ runs: new Map(), files: [], asked: 0, crashes: 0 });

/** The runs that a caller can still see, newest first where their times differ. */
export const visibleRuns = ({ runs }: Reference): KnownRun[] =>
  [...runs.values()].filter(({ seen }) => seen !== 'deleted');
