import { useEffect, useRef, useState } from 'preact/hooks';
import type { SearchMatch } from '../../../client/index.ts';
import type { ChartSize } from '../../../report/charts/draw-chart.ts';
import { mapChart } from '../../../report/charts/map-chart.ts';
import { shownLine } from '../../../report/shown-text.ts';
import { changeQuery } from '../../location.ts';
import { Chart } from '../../parts/chart.tsx';
import { Segments } from '../../parts/fields.tsx';
import { Failure, Loading } from '../../parts/states.tsx';
import type { Projection } from '../../search/project-vectors.ts';
import { keyOf } from './results.tsx';
import { useProjection } from './use-projection.ts';

type Colour = 'label' | 'model';

const COLOURS = [
  { value: 'label', label: 'Label' },
  { value: 'model', label: 'Model' },
] as const satisfies readonly { value: Colour; label: string }[];

/** Says which conclusions the map allows. */
const MEANINGS: { [Method in Projection['method']]: string } = {
  neighbours:
    'Points near each other are outputs whose passages mean something similar. How far apart groups lie, how large they are, and the directions mean nothing (UMAP keeps neighbours, not distances).',
  axes: 'With few outputs, the two directions in which their passages differ most. Points near each other can still differ in directions that are not drawn.',
  same: 'All these passages have the same vector: they lie on one point.',
};

/** The passages found as points on a plane, near each other where they mean something similar. */
export const VectorMap = ({
  matches,
  selected,
  query,
}: {
  matches: readonly SearchMatch[];
  /** The place of the selected result; -1 for none. */
  selected: number;
  query: URLSearchParams;
}) => {
  // A vector is null where its output was deleted in the meantime.
  const drawn = matches.flatMap((match, at) => (match.vector ? [{ match, at, vector: match.vector }] : []));
  const key = drawn.map(({ match }) => keyOf(match)).join();
  const { projection, error } = useProjection(
    drawn.map(({ vector }) => vector),
    key,
  );
  const colour: Colour = query.get('colour') === 'model' ? 'model' : 'label';
  const selectedPoint = drawn.findIndex(({ at }) => at === selected);
  const [pointed, setPointed] = useState<number | undefined>(undefined);
  const shown = drawn[pointed ?? selectedPoint]?.match;
  return (
    <section class="card map" aria-label="Map">
      <header>
        <h2>Map of these outputs</h2>
        <div class="end row">
          <span class="muted small" aria-hidden="true">
            Colour by
          </span>
          <Segments
            label="Colour by"
            choices={COLOURS}
            value={colour}
            onChange={(value) => changeQuery({ colour: value === 'label' ? null : value })}
          />
        </div>
      </header>
      {drawn.length === 0 ? (
        <p class="muted">No vector of these outputs is stored, so there is nothing to draw.</p>
      ) : error !== undefined ? (
        <Failure error={error} what="The map could not be drawn" />
      ) : projection === undefined ? (
        <div class="map-place">
          <Loading what="the map" />
        </div>
      ) : (
        <Plane
          key={`${key}/${colour}`}
          matches={drawn.map(({ match }) => match)}
          projection={projection}
          colour={colour}
          selected={selectedPoint}
          onPoint={setPointed}
        />
      )}
      <div class="pointed">
        {shown ? (
          <p>
            <b>
              <bdi>{shownLine(shown[colour]) || 'no label'}</bdi>
            </b>{' '}
            <bdi>{shownLine(shown.text)}</bdi>
          </p>
        ) : (
          <p class="muted">
            Point at an output to read it. Arrow keys go from one to the next; Enter selects.
          </p>
        )}
      </div>
      <p class="muted small">{projection ? MEANINGS[projection.method] : ''}</p>
    </section>
  );
};

const TITLE_CHARACTERS = 160;

const titleOf = ({ text }: SearchMatch, at: number): string =>
  `${at + 1}. ${shownLine(text.slice(0, TITLE_CHARACTERS))}${text.length > TITLE_CHARACTERS ? '…' : ''}`;

const Plane = ({
  matches,
  projection,
  colour,
  selected,
  onPoint,
}: {
  matches: readonly SearchMatch[];
  projection: Projection;
  colour: Colour;
  selected: number;
  onPoint: (at: number | undefined) => void;
}) => {
  const place = useRef<HTMLDivElement>(null);
  const draw = (size: ChartSize): Element => {
    const chart = mapChart(
      {
        points: projection.places.map(({ x, y }, at) => {
          const match = matches[at];
          return {
            x,
            y,
            group: shownLine(match?.[colour] ?? '') || 'no label',
            title: match ? titleOf(match, at) : '',
          };
        }),
        description: `${matches.length} outputs on a plane, coloured by ${colour}`,
      },
      size,
    ) as unknown as Element;
    select(chart, selected);
    return chart;
  };
  // A selection changes attributes and not the drawing: a new one would lose the focus.
  useEffect(() => {
    if (place.current) select(place.current, selected);
  }, [selected]);
  const go = (at: number): void => {
    const points = place.current?.querySelectorAll<SVGElement>('[data-at]') ?? [];
    for (const point of points) point.setAttribute('tabindex', point.dataset.at === String(at) ? '0' : '-1');
    [...points].find((point) => point.dataset.at === String(at))?.focus();
  };
  const choose = (at: number): void => {
    const match = matches[at];
    if (match) changeQuery({ result: keyOf(match) });
  };
  const press = (event: KeyboardEvent): void => {
    const at = pointOf(event.target);
    if (at === undefined) return;
    if (event.key === 'Enter' || event.key === ' ') choose(at);
    else {
      const next = nextPoint(event.key, at, matches.length);
      if (next === undefined) return;
      go(next);
    }
    event.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the chart in it is the list of options
    <div
      ref={place}
      class="map-place"
      onKeyDown={press}
      onClick={({ target }) => {
        const at = pointOf(target);
        if (at !== undefined) choose(at);
      }}
      onPointerOver={({ target }) => onPoint(pointOf(target))}
      onPointerLeave={() => onPoint(undefined)}
      onFocusIn={({ target }) => onPoint(pointOf(target))}
      onFocusOut={() => onPoint(undefined)}
    >
      <Chart draw={draw} height={0} keys={[]} />
    </div>
  );
};

const pointOf = (target: EventTarget | null): number | undefined => {
  const at = target instanceof Element ? target.closest('[data-at]')?.getAttribute('data-at') : undefined;
  return at === null || at === undefined ? undefined : Number(at);
};

const nextPoint = (key: string, at: number, count: number): number | undefined => {
  if (key === 'ArrowRight' || key === 'ArrowDown') return Math.min(count - 1, at + 1);
  if (key === 'ArrowLeft' || key === 'ArrowUp') return Math.max(0, at - 1);
  if (key === 'Home') return 0;
  return key === 'End' ? count - 1 : undefined;
};

const select = (within: Element, selected: number): void => {
  for (const point of within.querySelectorAll('[data-at]'))
    point.setAttribute('aria-selected', String(point.getAttribute('data-at') === String(selected)));
};
