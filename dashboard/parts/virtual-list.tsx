import {
  defaultRangeExtractor,
  observeWindowOffset,
  observeWindowRect,
  Virtualizer,
  windowScroll,
} from '@tanstack/virtual-core';
import type { ComponentChildren, Ref } from 'preact';
import { useImperativeHandle, useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';

/** Scrolls a row into sight, by no more than that needs. */
export type ListHandle = { scrollTo: (index: number) => void };

/** Of the bar above, and of the navigation below on a phone: rows that they cover are not in sight. */
const COVERED_PX = 64;

/**
 * A list of any length in the page's own scroll, of which only the rows in sight exist. Each row tells its place, and a
 * list the length of all. As rows it is the body of the
 * caller's table, whose heading is its first row.
 */
export const VirtualList = ({
  count,
  rowHeight,
  label,
  row,
  as = 'list',
  keyOf = String,
  keep,
  handle,
  onRange,
}: {
  count: number;
  /** Of each row, in px. */
  rowHeight: number;
  label: string;
  row: (index: number) => ComponentChildren;
  as?: 'list' | 'rows';
  /** A name of a row that stays when others come before it; by default its place. */
  keyOf?: (index: number) => string;
  /** A row that exists out of sight, too, because it has the focus. */
  keep?: number | undefined;
  handle?: Ref<ListHandle>;
  /** Called with the rows that exist, such as to read on before the end is in sight. */
  onRange?: (first: number, last: number) => void;
}) => {
  const place = useRef<HTMLElement | null>(null);
  const [, redraw] = useReducer((turn: number) => turn + 1, 0);
  const [virtualizer] = useState(
    () =>
      new Virtualizer<Window, HTMLElement>({
        count: 0,
        getScrollElement: () => window,
        estimateSize: () => rowHeight,
        observeElementRect: observeWindowRect,
        observeElementOffset: observeWindowOffset,
        scrollToFn: windowScroll,
        overscan: 8,
        onChange: () => redraw(0),
      }),
  );
  const top = place.current?.getBoundingClientRect().top;
  virtualizer.setOptions({
    ...virtualizer.options,
    count,
    estimateSize: () => rowHeight,
    // Rounded: a part of a pixel that changes with the scroll would have all places computed again.
    scrollMargin: top === undefined ? 0 : Math.round(top + scrollY),
    scrollPaddingStart: COVERED_PX * 2,
    scrollPaddingEnd: COVERED_PX,
    rangeExtractor: (range) => {
      const indexes = defaultRangeExtractor(range);
      if (keep === undefined || keep >= count || indexes.includes(keep)) return indexes;
      return [...indexes, keep].sort((one, other) => one - other);
    },
  });
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  useImperativeHandle(handle ?? null, () => ({ scrollTo: (index) => virtualizer.scrollToIndex(index) }), []);
  const items = virtualizer.getVirtualItems();
  const { range } = virtualizer;
  useLayoutEffect(() => {
    if (range) onRange?.(range.startIndex, range.endIndex);
  }, [range?.startIndex, range?.endIndex, count]);
  const margin = virtualizer.options.scrollMargin;
  const frame = {
    class: 'virtual',
    style: { height: `${virtualizer.getTotalSize()}px`, position: 'relative' },
  } as const;
  const rows = items.map(({ index, start, size }) => {
    const attributes = {
      key: keyOf(index),
      style: {
        position: 'absolute',
        insetInline: '0',
        height: `${size}px`,
        transform: `translateY(${start - margin}px)`,
      },
    } as const;
    return as === 'rows' ? (
      <tr {...attributes} aria-rowindex={index + 2}>
        {row(index)}
      </tr>
    ) : (
      <li {...attributes} aria-setsize={count} aria-posinset={index + 1}>
        {row(index)}
      </li>
    );
  });
  return as === 'rows' ? (
    <tbody
      {...frame}
      ref={(element: HTMLElement | null) => {
        place.current = element;
      }}
    >
      {rows}
    </tbody>
  ) : (
    <ul
      {...frame}
      aria-label={label}
      ref={(element: HTMLElement | null) => {
        place.current = element;
      }}
    >
      {rows}
    </ul>
  );
};
