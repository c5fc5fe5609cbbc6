import { useEffect, useRef, useState } from 'preact/hooks';
import type { ChartSize } from '../../report/charts/draw-chart.ts';

/**
 * A chart of report/charts, drawn for the width that it has, and again when that changes. `draw` is loaded with the page
 * that shows it, so that no first load pays for charts.
 *
 * @param height kept free until the chart is there, in px
 */
export const Chart = ({
  draw,
  height,
  keys,
}: {
  draw: (size: ChartSize) => Element;
  height: number;
  /** The values that the drawing depends on, compared as JSON. */
  keys: readonly unknown[];
}) => {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry?.contentRect.width ?? 0)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const key = JSON.stringify(keys);
  // `keys` says what the drawing depends on.
  useEffect(() => {
    if (width > 0) place.current?.replaceChildren(draw({ document, width }));
  }, [width, key]);
  return <div ref={place} class="chart-place" style={{ minHeight: `${height}px` }} />;
};
