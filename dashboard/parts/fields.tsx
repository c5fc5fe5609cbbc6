import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

/** A control below its label. `wrong` says what is at fault, and stands at the control for screen readers, too. */
export const Field = ({
  label,
  tip,
  wrong,
  children,
}: {
  label: string;
  tip?: string;
  wrong?: string | undefined;
  children: (attributes: {
    id: string;
    'aria-invalid'?: true;
    'aria-describedby'?: string;
  }) => ComponentChildren;
}) => {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{tip === undefined ? label : <span data-tip={tip}>{label}</span>}</label>
      {children(
        wrong === undefined ? { id } : { id, 'aria-invalid': true, 'aria-describedby': `${id}-wrong` },
      )}
      {wrong !== undefined && (
        <span class="wrong" id={`${id}-wrong`}>
          {wrong}
        </span>
      )}
    </div>
  );
};

export type Choice<T extends string> = { value: T; label: string };

/** One of a few choices, side by side. */
export const Segments = <T extends string>({
  label,
  choices,
  value,
  onChange,
}: {
  label: string;
  choices: readonly Choice<T>[];
  value: T;
  onChange: (value: T) => void;
}) => (
  // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out in a line everywhere
  <div class="segments" role="group" aria-label={label}>
    {choices.map((choice) => (
      <button
        key={choice.value}
        type="button"
        aria-pressed={choice.value === value}
        onClick={() => onChange(choice.value)}
      >
        {choice.label}
      </button>
    ))}
  </div>
);
