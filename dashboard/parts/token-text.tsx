import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { alternativesOf } from '../../report/alternatives.ts';
import { shownText } from '../../report/shown-text.ts';
import { figureText } from '../figures.ts';
import { showTip } from './tip.ts';
import { GAP_STEPS, PROBABILITY_STEPS, type ShownToken, type TokenColour, tintOf } from './tokens.ts';

/** Tokens of a block. Blocks that are full are drawn once; only the last one is drawn again as tokens arrive. */
const BLOCK = 64;
const LONGEST_PARAGRAPH = 512;
const NAMED_ALTERNATIVES = 3;
/** A longer token than any tokenizer has is a chunk of text. */
const LONGEST = 2_000;

type Props = {
  /** Grows in place while an output streams; a new list for other tokens. */
  tokens: readonly ShownToken[];
  /** The length that is drawn; read from a signal, so that it changes once a frame. */
  count: number;
  colour: TokenColour;
  label: string;
  selected?: number | undefined;
  /** Called by a click on a token, and by Enter. */
  onSelect?: (at: number) => void;
};

/**
 * An output as text, each token of which can be asked about: by the pointer, or by arrow keys while the text has the
 * focus. A screen reader reads plain text, and hears the token that the keys are on.
 */
export const TokenText = ({ tokens, count, colour, label, selected, onSelect }: Props) => {
  const [active, setActive] = useState<number | undefined>(undefined);
  const place = useRef<HTMLDivElement>(null);
  const starts = useStarts(tokens, count);
  const elementAt = (at: number): HTMLElement | undefined => {
    const start = starts.findLast((each) => each <= at) ?? 0;
    const from = at - ((at - start) % BLOCK);
    const block = place.current?.querySelector(`[data-from="${from}"]`);
    return block?.children[at - from] as HTMLElement | undefined;
  };
  const placeOf = (target: EventTarget | null): number | undefined => {
    const element = target instanceof HTMLElement ? target : undefined;
    const block = element?.parentElement;
    if (!element || block?.dataset.from === undefined) return undefined;
    return Number(block.dataset.from) + [...block.children].indexOf(element);
  };
  const describe = (target: EventTarget | null): void => {
    const at = placeOf(target);
    const token = at === undefined ? undefined : tokens[at];
    if (token && target instanceof HTMLElement) target.dataset.tip = detailsOf(token, (at ?? 0) + 1);
  };
  const press = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 10, ArrowUp: -10, Home: -count, End: count };
    const by = Object.hasOwn(step, event.key) ? step[event.key as keyof typeof step] : undefined;
    if (by !== undefined && count > 0) {
      event.preventDefault();
      setActive(
        Math.min(count - 1, Math.max(0, active === undefined ? (by > 1 ? count - 1 : 0) : active + by)),
      );
    } else if ((event.key === 'Enter' || event.key === ' ') && active !== undefined && onSelect) {
      event.preventDefault();
      onSelect(active);
    }
  };
  useEffect(() => {
    const element = active === undefined ? undefined : elementAt(active);
    if (!element) return;
    element.classList.add('active');
    element.scrollIntoView({ block: 'nearest' });
    describe(element);
    showTip(element);
    return () => element.classList.remove('active');
  }, [active]);
  useEffect(() => {
    const element = selected === undefined ? undefined : elementAt(selected);
    element?.classList.add('selected');
    return () => element?.classList.remove('selected');
  }, [selected, tokens, count]);
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls */}
      <div
        ref={place}
        class="text tokens"
        role="group"
        dir="auto"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys go from token to token
        tabIndex={0}
        aria-label={`${label}: arrow keys go from token to token${onSelect ? ', Enter opens the step' : ''}`}
        onPointerOver={({ target }) => describe(target)}
        onClick={({ target }) => {
          const at = placeOf(target);
          if (at === undefined) return;
          setActive(at);
          onSelect?.(at);
        }}
        onKeyDown={press}
        onBlur={() => setActive(undefined)}
      >
        {starts.map((from, at) => (
          <Paragraph key={from} tokens={tokens} from={from} to={starts[at + 1] ?? count} colour={colour} />
        ))}
      </div>
      <span class="unseen" aria-live="polite">
        {active !== undefined && tokens[active] && detailsOf(tokens[active], active + 1)}
      </span>
    </>
  );
};

/**
 * The first tokens of all paragraphs, found as tokens arrive. A browser lays out a paragraph anew when something is added
 * to it, so each ends at a line end, and a very long one without any is broken.
 */
const useStarts = (tokens: readonly ShownToken[], count: number): readonly number[] => {
  const known = useRef<{ tokens: readonly ShownToken[]; starts: number[] }>({ tokens, starts: [] });
  if (known.current.tokens !== tokens) known.current = { tokens, starts: [] };
  const { starts } = known.current;
  if (starts.length === 0 && count > 0) starts.push(0);
  let from = starts.at(-1) ?? 0;
  for (let at = from + 1; at < count; at++) {
    if (at - from < LONGEST_PARAGRAPH && !tokens[at - 1]?.text.endsWith('\n')) continue;
    starts.push(at);
    from = at;
  }
  return starts;
};

type RangeProps = { tokens: readonly ShownToken[]; from: number; to: number; colour: TokenColour };

/** The same virtual nodes as before, unless it has grown or its colours are others: Preact then leaves it alone. */
const Paragraph = ({ tokens, from, to, colour }: RangeProps) =>
  useMemo(
    () => (
      <span class="paragraph">
        {Array.from({ length: Math.ceil((to - from) / BLOCK) }, (_, at) => {
          const first = from + at * BLOCK;
          return (
            <Block
              key={first}
              tokens={tokens}
              from={first}
              to={Math.min(to, first + BLOCK)}
              colour={colour}
            />
          );
        })}
      </span>
    ),
    [tokens, from, to, colour],
  );

const Block = ({ tokens, from, to, colour }: RangeProps) =>
  useMemo(
    () => (
      <span data-from={from}>
        {tokens.slice(from, to).map((token, place) => {
          const tint = tintOf(token, colour);
          return (
            // Tokens never change their places.
            <span key={place} class={tint === 0 ? 'token' : `token tint-${tint}`}>
              {shownText(token.text.length > LONGEST ? `${token.text.slice(0, LONGEST)}…` : token.text)}
            </span>
          );
        })}
      </span>
    ),
    [tokens, from, to, colour],
  );

/** `token 12 · " vector" · at 212 ms · gap 11.2 ms`, its probability and rank, and the most probable others. */
export const detailsOf = (token: ShownToken, number: number): string => {
  const lines = [
    `Token ${number} · ${quoted(token.text)}`,
    `at ${figureText('ttlt_ms', token.t_ms)}${token.gap_ms === null ? ', the first' : ` · gap ${figureText('gap_ms', token.gap_ms)}`}`,
  ];
  if (!token.logprob) return lines.join('\n');
  const alternatives = alternativesOf(token.logprob);
  const chosen = alternatives.find(({ isChosen }) => isChosen);
  const known = alternatives.filter(({ rank }) => rank !== undefined);
  const rank =
    known.length === 0
      ? ''
      : ` · ${chosen?.rank === undefined ? `below the ${known.length} most probable` : `rank ${chosen.rank}`}`;
  lines.push(`probability ${figureText('probability', chosen?.probability)}${rank}`);
  const others = known.filter(({ isChosen }) => !isChosen).slice(0, NAMED_ALTERNATIVES);
  if (others.length > 0)
    lines.push(
      `else ${others.map(({ text, probability }) => `${quoted(text)} ${figureText('probability', probability)}`).join(', ')}`,
    );
  return lines.join('\n');
};

const LONGEST_QUOTE = 24;

/** A token on one line, with its spaces and line ends to be seen. */
export const quoted = (text: string): string => {
  const shown = JSON.stringify(shownText(text));
  return shown.length > LONGEST_QUOTE ? `${shown.slice(0, LONGEST_QUOTE - 2)}…"` : shown;
};

/** The key to the tints. */
export const TintKey = ({ colour }: { colour: TokenColour }) => {
  if (colour === 'none') return null;
  const steps = colour === 'gap' ? GAP_STEPS : PROBABILITY_STEPS;
  return (
    <span class="tint-key">
      {colour === 'gap' ? 'Gap from' : 'Probability below'}
      {steps.map((step, at) => (
        <span key={step} class={`tint-${at + 1}`}>
          {colour === 'gap' ? step : `${step * 100}`}
        </span>
      ))}
      {colour === 'gap' ? 'ms' : '%'}
    </span>
  );
};
