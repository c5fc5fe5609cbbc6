import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { SearchMatch } from '../../../client/index.ts';
import { shownLine, shownText } from '../../../report/shown-text.ts';
import { hrefOf } from '../../address.ts';
import { type FigureName, shownOf } from '../../figures.ts';
import { Term, Value } from '../../parts/figure.tsx';
import { When } from '../../parts/when.tsx';
import { excerptOf } from '../../search/excerpt.ts';
import { markedPieces, type Piece, queryWords } from '../../search/marked-words.ts';

/** Names a result in the address. */
export const keyOf = ({ run_id, index }: Pick<SearchMatch, 'run_id' | 'index'>): string =>
  `${run_id}:${index}`;

/** Outputs found, best first. The selected one is scrolled into sight. */
export const Results = ({
  matches,
  query,
  selected,
  isFull,
}: {
  matches: readonly SearchMatch[];
  query: string;
  selected: string | null;
  /** Whether there may be more. */
  isFull: boolean;
}) => (
  <section aria-label="Results">
    <p class="muted small count">
      {matches.length === 1 ? '1 output' : `${matches.length} outputs`}, best first
      {isFull && '; the filters have a choice for more'}
    </p>
    <ol class="results">
      {matches.map((match) => (
        <Result key={keyOf(match)} match={match} query={query} isSelected={keyOf(match) === selected} />
      ))}
    </ol>
  </section>
);

const SHOWN_FIGURES = [
  'tokens',
  'ttft_ms',
  'tpot_ms',
  'e2e_ms',
  'cost_usd',
] as const satisfies readonly FigureName[];

const figureOf = ({ metadata }: SearchMatch, name: FigureName): number | undefined => {
  const value = new Map(Object.entries(metadata)).get(name);
  return typeof value === 'number' ? value : undefined;
};

const Result = ({ match, query, isSelected }: { match: SearchMatch; query: string; isSelected: boolean }) => {
  const place = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isSelected) place.current?.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
  }, [isSelected]);
  const { run_id, index, label, model, created_at, prompt_preview, text, words, score } = match;
  // A selection or another colour of the map draws all results again.
  const pieces = useMemo(() => markedPieces(text, queryWords(query, words)), [text, query, words]);
  const figures = SHOWN_FIGURES.flatMap((name) => {
    const value = figureOf(match, name);
    return value === undefined ? [] : [{ name, value }];
  });
  return (
    <li
      ref={place}
      class={`result card${isSelected ? ' selected' : ''}`}
      aria-current={isSelected || undefined}
    >
      <header>
        <h2>
          <a href={hrefOf(['runs', run_id], { generation: index })}>
            <bdi>{prompt_preview === null ? run_id : shownLine(prompt_preview)}</bdi>
          </a>
        </h2>
        <span class="score">
          <Term name="similarity" /> <b class="number">{shownOf('similarity').format(score)}</b>
        </span>
      </header>
      <Passage pieces={pieces} />
      <p class="facts-line">
        {label !== '' && <bdi class="badge">{shownLine(label)}</bdi>}
        <bdi>{shownLine(model)}</bdi>
        <When at={created_at} />
        <span>output {index + 1}</span>
        {figures.map(({ name, value }) => (
          <span key={name} class="inline-figure">
            {name === 'tokens' ? '' : `${shownOf(name).title.toLowerCase()} `}
            <Value name={name} value={value} />
            {name === 'tokens' && (value === 1 ? ' token' : ' tokens')}
          </span>
        ))}
      </p>
    </li>
  );
};

const SHOWN_CHARACTERS = 420;

const Passage = ({ pieces }: { pieces: readonly Piece[] }) => {
  const [isWhole, setWhole] = useState(false);
  const excerpt = excerptOf(pieces, SHOWN_CHARACTERS);
  const isCut = excerpt.before || excerpt.after;
  const shown = isWhole ? pieces : excerpt.pieces;
  return (
    <div class="passage">
      <div class="text" dir="auto">
        {!isWhole && excerpt.before && '… '}
        {shown.map(({ text, isMarked }, at) =>
          isMarked ? <mark key={at}>{shownText(text)}</mark> : shownText(text),
        )}
        {!isWhole && excerpt.after && ' …'}
      </div>
      {isCut && (
        <button type="button" class="link small" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Show less' : 'Show the whole passage'}
        </button>
      )}
    </div>
  );
};
