import { parseHTML } from 'linkedom';
import type { Chart, ChartDocument } from '../../../report/charts/draw-chart.ts';

/** A document of linkedom, as Node draws charts with. */
export const { document } = parseHTML('<!doctype html><html><body></body></html>') as unknown as {
  document: ChartDocument;
};

export const textsOf = (chart: Chart): string[] =>
  [...chart.querySelectorAll('text')].map(({ textContent }) => textContent);

/** A chart without them stands under any content security policy. */
export const hasStyles = (chart: Chart): boolean =>
  /<style|style=|<script|#[0-9a-f]{3,6}"/i.test(chart.outerHTML);

/** Would be markup if it were not escaped. */
export const HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>';

export const isMarkup = (chart: Chart): boolean => chart.querySelectorAll('script, img').length > 0;
