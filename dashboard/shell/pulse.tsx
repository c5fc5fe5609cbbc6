import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Health } from '../../client/index.ts';
import { hrefOf } from '../address.ts';
import { apiKey, baseUrl, everytoken, isRefusedKey } from '../api.ts';
import { whileSeen } from '../parts/while-seen.ts';

/** A check of health asks every service, so it is rare; a list of open runs is one read. */
const HEALTH_EVERY_MS = 60_000;
const OPEN_EVERY_MS = 10_000;
const LIMIT_MS = 15_000;
/** More are shown as `20+`. */
const COUNTED = 20;

const health = signal<Health | 'unreachable' | undefined>(undefined);
/** An operator's key reads no runs: after the first refusal it is not asked for them again. */
let refusedKey: string | undefined;
const generating = signal<{ count: number; isMore: boolean } | undefined>(undefined);

const readHealth = async (): Promise<void> => {
  try {
    const response = await fetch(new URL('health', baseUrl), { signal: AbortSignal.timeout(LIMIT_MS) });
    const report: unknown = await response.json();
    health.value = isHealth(report) ? report : 'unreachable';
  } catch {
    health.value = 'unreachable';
  }
};

/** A gateway or a proxy in front of the API answers with words of its own. */
const isHealth = (report: unknown): report is Health =>
  typeof report === 'object' &&
  report !== null &&
  'checks' in report &&
  typeof report.checks === 'object' &&
  report.checks !== null;

const readGenerating = async (): Promise<void> => {
  const key = apiKey.peek();
  if (key === refusedKey) return;
  try {
    const { data, next_cursor } = await everytoken().runs.list(
      { status: 'generating', limit: COUNTED },
      { timeoutMs: LIMIT_MS, maxRetries: 0 },
    );
    generating.value = { count: data.length, isMore: next_cursor !== null };
  } catch (error) {
    generating.value = undefined; // health says why
    if (isRefusedKey(error)) refusedKey = key;
  }
};

const atOnceAndWhileSeen = (call: () => Promise<void>, everyMs: number): (() => void) => {
  if (!document.hidden) void call();
  return whileSeen(call, everyMs);
};

/** Whether all parts answer, and how many runs are being generated: always in sight, and quiet. */
export const Pulse = () => {
  useEffect(() => atOnceAndWhileSeen(readHealth, HEALTH_EVERY_MS), []);
  // Another key has other runs.
  useEffect(() => atOnceAndWhileSeen(readGenerating, OPEN_EVERY_MS), [apiKey.value]);
  const { tone, words, tip } = stateOf(health.value);
  const open = generating.value;
  return (
    <>
      {open !== undefined && open.count > 0 && (
        <a class="pulse" href={hrefOf(['runs'], { status: 'generating' })}>
          <b class="number">
            {open.count}
            {open.isMore && '+'}
          </b>{' '}
          <span class="wide">generating</span>
        </a>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: which parts are down must be reachable by keyboard */}
      <span class="pulse" role="status" tabIndex={0} data-tip={tip}>
        <span class={`dot ${tone}`} aria-hidden="true" />
        <span class={tone === 'down' ? '' : 'wide'}>{words}</span>
      </span>
    </>
  );
};

const stateOf = (
  report: Health | 'unreachable' | undefined,
): { tone: string; words: string; tip: string } => {
  if (report === undefined)
    return { tone: '', words: 'Checking', tip: 'The health of all parts is being read.' };
  if (report === 'unreachable')
    return { tone: 'down', words: 'No answer', tip: 'The API does not answer. Is it still running?' };
  const down = Object.entries(report.checks).flatMap(([name, state]) => (state === 'ok' ? [] : [name]));
  const lines = Object.entries(report.checks).map(([name, state]) => `${name}: ${state}`);
  return down.length === 0
    ? { tone: 'ok', words: 'All parts answer', tip: lines.join('\n') }
    : { tone: 'down', words: `${down.join(', ')} down`, tip: lines.join('\n') };
};
