import { canonicalJson, sha256Hex } from '../../lib/json/canonical-json.ts';
import { timedRunId } from '../../lib/runs/keys.ts';
import type { GenerationFigures, Run } from '../../lib/runs/run.ts';
import { CHUNK_RULE } from '../../lib/vectors/chunk-text.ts';

const request = canonicalJson({ prompt: 'Explain vector databases in a technical manner.' });

/** A queued run that was accepted at 2026-11-22T13:00:00Z. */
export const makeRun = (own: Partial<Run> = {}): Run => ({
  id: 'run_00000000000000000000000001',
  caller: 'docs',
  status: 'queued',
  createdAt: '2026-11-22T13:00:00.000Z',
  model: 'gpt-6-luna',
  labels: ['default'],
  models: (own.labels ?? ['default']).map(() => own.model ?? 'gpt-6-luna'),
  samples: 1,
  index: true,
  store: true,
  metadata: {},
  conversation: null,
  previousRun: null,
  turnKey: null,
  requestHash: sha256Hex(request),
  request,
  template: null,
  attempts: 0,
  putBacks: 0,
  embedAttempts: 0,
  lease: null,
  generations: [],
  pending: [],
  dueAt: Date.UTC(2026, 10, 22, 13, 1),
  dueTries: 0,
  file: null,
  error: null,
  diversity: null,
  chunkRule: CHUNK_RULE,
  reserved: null,
  charged: null,
  chargedOn: null,
  trace: null,
  ...own,
});

let timed = 0;

/** A run with an id of its own, created so many minutes before 2026-11-22T13:00:00Z. */
export const makeTimedRun = (own: Partial<Run> = {}, minutes = 0): Run => {
  const at = Date.UTC(2026, 10, 22, 13) - minutes * 60_000;
  const random = Buffer.alloc(10);
  random.writeUInt32BE(++timed, 6);
  return makeRun({ id: timedRunId(at, random), createdAt: new Date(at).toISOString(), ...own });
};

export const makeFigures = (own: Partial<GenerationFigures> = {}): GenerationFigures => ({
  status: 'completed',
  lease: '0123456789ab',
  sha256: sha256Hex('text'),
  model: 'gpt-6-luna-2026-10-01',
  promptTokens: 9,
  reasoningTokens: 0,
  passed: null,
  startedAt: Date.UTC(2026, 10, 22, 13, 0, 1),
  coldStart: false,
  longestGapMs: 31.5,
  uncertain: [],
  completionTokens: 77,
  ttftMs: 142.25,
  tpotMs: 11.1,
  e2eMs: 990.5,
  costUsd: 0.0000394,
  chars: 400,
  chunks: 1,
  errorCode: null,
  ...own,
});
