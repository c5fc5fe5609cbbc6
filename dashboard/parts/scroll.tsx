import type { ComponentChildren } from 'preact';

/** A region that scrolls sideways by itself where it is wider than the page, by keys as well. */
export const Scroll = ({ label, children }: { label: string; children: ComponentChildren }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: keys must be able to scroll it
  <section class="scroll" aria-label={label} tabIndex={0}>
    {children}
  </section>
);
