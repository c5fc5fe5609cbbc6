import { html, raw } from 'hono/html';
import type { Chart, ChartDocument, ChartSize } from '../charts/draw-chart.ts';
import { rowChart } from '../charts/row-chart.ts';
import { tradeOffChart } from '../charts/trade-off-chart.ts';
import { type Charted, distributionOf, tradeOffOf } from '../comparison-charts.ts';
import type { ComparisonData } from '../comparison-data.ts';
import { FIGURES } from '../figures.ts';
import type { Html } from '../setting-name.ts';

const WIDE = 860;
const NARROW = 340;

/** The charts: the trade-off, then each figure with all of its values. */
export const chartsSection = (
  { comparison: { settings }, answers }: ComparisonData,
  document: ChartDocument,
): Html => html`<section aria-labelledby="charts">
<h2 id="charts">Charts</h2>
${figure(tradeOffOf(settings), tradeOffChart, document)}
${FIGURES.map(({ name }) => figure(distributionOf(settings, answers, name), rowChart, document))}
</section>`;

/** A chart twice, for wide and narrow pages: the style sheet shows one of them. */
const figure = <Content>(
  charted: Charted<Content> | undefined,
  draw: (content: Content, size: ChartSize) => Chart,
  document: ChartDocument,
): Html =>
  charted === undefined
    ? html``
    : html`<figure>
<h3>${charted.title}</h3>
${image('wide', draw(charted.content, { document, width: WIDE }))}
${image('narrow', draw(charted.content, { document, width: NARROW }))}
<figcaption>${charted.caption}</figcaption>
</figure>`;

/** The chart's name moves to an attribute that is escaped. */
const image = (width: string, chart: Chart): Html => {
  const name = chart.getAttribute('aria-label');
  for (const attribute of ['role', 'aria-label']) chart.removeAttribute(attribute);
  return html`<div class="${width}" role="img" aria-label="${name}">${raw(chart.outerHTML)}</div>`;
};
