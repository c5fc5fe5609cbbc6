import { observeWindowOffset, observeWindowRect, Virtualizer, windowScroll } from '@tanstack/virtual-core';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';

/**
 * A list of any length in the page's own scroll, of which only the rows in sight exist. `role="list"`: each row tells its
 * place and the length of all.
 */
export const VirtualList = ({
  count,
  rowHeight,
  label,
  row,
}: {
  count: number;
  /** Of each row, in px. */
  rowHeight: number;
  label: string;
  row: (index: number) => ComponentChildren;
}) => {
  const place = useRef<HTMLUListElement>(null);
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
        overscan: 12,
        onChange: () => redraw(0),
      }),
  );
  virtualizer.setOptions({
    ...virtualizer.options,
    count,
    estimateSize: () => rowHeight,
    scrollMargin: place.current?.offsetTop ?? 0,
  });
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  const margin = virtualizer.options.scrollMargin;
  return (
    <ul
      ref={place}
      class="virtual"
      aria-label={label}
      style={{ height: `${virtualizer.getTotalSize()}px`, position: 'relative' }}
    >
      {virtualizer.getVirtualItems().map(({ index, start, size }) => (
        <li
          key={index}
          aria-setsize={count}
          aria-posinset={index + 1}
          style={{
            position: 'absolute',
            insetInline: '0',
            height: `${size}px`,
            transform: `translateY(${start - margin}px)`,
          }}
        >
          {row(index)}
        </li>
      ))}
    </ul>
  );
};
