import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { figureText } from '../../figures.ts';
import { Segments } from '../../parts/fields.tsx';
import { Icon } from '../../parts/icon.tsx';
import type { ShownToken } from '../../parts/tokens.ts';
import { arrivedBy, changedClock, nextCount, placeOf, type ReplayClock, SPEEDS } from './replay-clock.ts';

export type Replay = {
  /** Tokens that are shown: all of them, unless a replay is under way. */
  count: number;
  /** Where it is, in ms of the trace. */
  ms: number;
  endMs: number;
  isRunning: boolean;
  speed: number;
  /** The element whose height is kept, so that nothing below jumps while the text grows. */
  place: RefObject<HTMLDivElement | null>;
  toggle: () => void;
  changeSpeed: (speed: number) => void;
  seek: (ms: number) => void;
};

/** Plays tokens at the pace at which they arrived. A frame shows those whose time has come, by the clock. */
export const useReplay = (tokens: readonly ShownToken[], endMs: number): Replay => {
  const [clock, setClock] = useState<ReplayClock>({ at: endMs, since: undefined, speed: 1 });
  const [shown, setShown] = useState({ ms: endMs, count: tokens.length });
  const place = useRef<HTMLDivElement>(null);
  const change = (changes: Parameters<typeof changedClock>[1]): ReplayClock => {
    const next = changedClock(clock, changes, performance.now(), endMs);
    setClock(next);
    return next;
  };
  useEffect(() => {
    if (clock.since === undefined) return;
    let count = arrivedBy(tokens, clock.at);
    const frame = (now: number): void => {
      const ms = placeOf(clock, now, endMs);
      count = nextCount(tokens, count, ms);
      setShown({ ms, count });
      if (ms < endMs || count < tokens.length) request = requestAnimationFrame(frame);
      else setClock({ ...clock, at: endMs, since: undefined });
    };
    let request = requestAnimationFrame(frame);
    return () => cancelAnimationFrame(request);
  }, [clock, tokens]);
  return {
    ...shown,
    endMs,
    isRunning: clock.since !== undefined,
    speed: clock.speed,
    place,
    toggle: () => {
      const isRunning = clock.since === undefined;
      if (isRunning && place.current) place.current.style.minHeight = `${place.current.offsetHeight}px`;
      const isAtEnd = placeOf(clock, performance.now(), endMs) >= endMs;
      change({ isRunning, ...(isRunning && isAtEnd && { at: 0 }) });
    },
    changeSpeed: (speed) => change({ speed }),
    seek: (ms) => {
      change({ at: ms });
      setShown({ ms, count: arrivedBy(tokens, ms) });
    },
  };
};

const NAMES = new Map<number, string>([
  [1, '1×'],
  [4, '4×'],
  [Number.POSITIVE_INFINITY, 'Max'],
]);

export const ReplayControls = ({ replay }: { replay: Replay }) => {
  const { ms, endMs, isRunning, speed, toggle, changeSpeed, seek } = replay;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out in a line everywhere
    <div class="row replay" role="group" aria-label="Replay at its own pace">
      <button type="button" class="button" onClick={toggle}>
        <Icon name={isRunning ? 'stop' : 'play'} />
        {isRunning ? 'Pause' : 'Play'}
      </button>
      <input
        type="range"
        min={0}
        max={Math.max(1, Math.round(endMs))}
        step={1}
        value={Math.round(ms)}
        aria-label="Time since the request"
        aria-valuetext={figureText('e2e_ms', ms)}
        onInput={({ currentTarget }) => seek(Number(currentTarget.value))}
      />
      <span class="number small replay-time">
        {figureText('e2e_ms', Math.round(ms))} of {figureText('e2e_ms', Math.round(endMs))}
      </span>
      <Segments
        label="Speed"
        choices={SPEEDS.map((value) => ({ value: String(value), label: NAMES.get(value) ?? String(value) }))}
        value={String(speed)}
        onChange={(value) => changeSpeed(Number(value))}
      />
    </div>
  );
};
