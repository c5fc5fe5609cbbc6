import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

/** A part of a page under a heading of its own, by which screen readers name it. */
export const Section = ({
  title,
  beside,
  children,
  ...attributes
}: {
  title: string;
  /** In the line of the heading; what has the class `end` stands at its end. */
  beside?: ComponentChildren;
  class?: string;
  children: ComponentChildren;
}) => {
  const id = useId();
  return (
    <section class={`section ${attributes.class ?? ''}`.trimEnd()} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {beside}
      </header>
      {children}
    </section>
  );
};
