import { UNKNOWN } from '../../report/figures.ts';
import { type FigureName, shownOf } from '../figures.ts';

/** Words whose definition hover or focus shows. */
export const Defined = ({ definition, children }: { definition: string; children: string }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: the definition must be reachable by keyboard
  <span class="term" tabIndex={0} data-tip={definition}>
    {children}
  </span>
);

/** The name of a figure with its definition. `children` replaces the usual name. */
export const Term = ({ name, children }: { name: FigureName; children?: string }) => {
  const { title, definition } = shownOf(name);
  return <Defined definition={definition}>{children ?? title}</Defined>;
};

/** A value with its unit; a dash where it is not known (yet). */
export const Value = ({ name, value }: { name: FigureName; value: number | null | undefined }) => {
  const { format, unit } = shownOf(name);
  if (value === null || value === undefined) return <>{UNKNOWN}</>;
  return (
    <>
      {format(value)}
      {unit !== '' && <span class="unit">{unit}</span>}
    </>
  );
};

/** A figure: its name above its value. A list of them stands in `<dl class="figures">`. */
export const Figure = ({
  name,
  value,
  title,
  note,
}: {
  name: FigureName;
  value: number | null | undefined;
  title?: string;
  /** In small type below, such as an interval. */
  note?: string | undefined;
}) => (
  <div class="figure">
    <dt>
      <Term name={name}>{title ?? shownOf(name).title}</Term>
    </dt>
    <dd>
      <Value name={name} value={value} />
    </dd>
    {note !== undefined && <dd class="note">{note}</dd>}
  </div>
);
