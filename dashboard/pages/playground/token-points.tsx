import { figureText } from '../../figures.ts';
import type { ShownToken } from '../../parts/tokens.ts';
import { type Aligned, pointsOf } from './clocks.ts';

const WIDTH = 320;
const HEIGHT = 34;
const LINE = 14;
const EDGE = 12;

/**
 * One token at three points of one timeline, in ms after the request to the model: its arrival at the function, when the
 * function handed it to the gateway, and its arrival in this page. The band around the last one is the uncertainty of the
 * two clocks.
 */
export const TokenPoints = ({ token, aligned }: { token: ShownToken; aligned: Aligned | undefined }) => {
  const { t_ms, sent_ms, arrived_ms } = token;
  if (sent_ms === undefined || arrived_ms === undefined || aligned === undefined)
    return (
      <p class="small muted">
        It arrived at the function {figureText('gap_ms', t_ms)} after the request to the model. This page has
        not read the stream, so it knows no other point.
      </p>
    );
  const points = pointsOf({ t_ms, sent_ms, arrived_ms }, aligned);
  const { function_ms, gateway_ms, page_ms, early_ms, late_ms } = points;
  // The points fill the line; a wide uncertainty, as after a cold start, runs off its ends.
  const span = Math.max(0.5, page_ms - function_ms);
  const [from, to] = [function_ms - span * 0.2, page_ms + span * 0.2];
  const x = (ms: number): number =>
    EDGE + Math.min(1, Math.max(0, (ms - from) / (to - from))) * (WIDTH - 2 * EDGE);
  const marks = [
    { name: 'at the function', ms: function_ms, series: 0, note: 'after the request to the model' },
    {
      name: 'to the gateway',
      ms: gateway_ms,
      series: 1,
      note: `+${(gateway_ms - function_ms).toFixed(2)} ms`,
    },
    {
      name: 'in this page',
      ms: page_ms,
      series: 2,
      note: `+${(page_ms - gateway_ms).toFixed(2)} ms, within ${(page_ms - gateway_ms - early_ms).toFixed(1)} to ${(page_ms - gateway_ms + late_ms).toFixed(1)}`,
    },
  ];
  return (
    <figure class="points">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={marks.map(({ name, ms, note }) => `${name} ${ms.toFixed(1)} ms, ${note}`).join('; ')}
      >
        <line x1={EDGE} x2={WIDTH - EDGE} y1={LINE} y2={LINE} stroke="var(--line)" stroke-width="2" />
        <line
          x1={x(page_ms - early_ms)}
          x2={x(page_ms + late_ms)}
          y1={LINE}
          y2={LINE}
          stroke="var(--series-2)"
          stroke-width="6"
          stroke-opacity="0.3"
          stroke-linecap="round"
        />
        {marks.map(({ name, ms, series }) => (
          <circle
            key={name}
            cx={x(ms)}
            cy={LINE}
            r="5"
            fill={`var(--series-${series})`}
            stroke="var(--paper)"
          />
        ))}
        <text x={EDGE} y={HEIGHT - 2}>
          {from.toFixed(1)}
        </text>
        <text x={WIDTH - EDGE} y={HEIGHT - 2} text-anchor="end">
          {to.toFixed(1)} ms
        </text>
      </svg>
      <ul>
        {marks.map(({ name, ms, series, note }) => (
          <li key={name}>
            <span class={`swatch series-${series}`} aria-hidden="true" /> {name}{' '}
            <b class="number">{figureText('gap_ms', ms)}</b> <span class="muted">{note}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
};
