import type { Generation } from '../../../client/index.ts';
import { UNKNOWN } from '../../../report/figures.ts';
import { shownLine, shownText } from '../../../report/shown-text.ts';
import { Scroll } from '../../parts/scroll.tsx';

const LONGEST_VALUE = 2_000;

/** The sampling of a setting as it was requested, sent, and applied, with what was left out and why. */
export const SamplingTable = ({ output, isOnly }: { output: Generation; isOnly: boolean }) => {
  const { requested, sent, effective, warnings } = output.sampling;
  const columns = [requested, sent, effective].map((fields) => new Map(Object.entries(fields)));
  const names = [...new Set(columns.flatMap((fields) => [...fields.keys()]))];
  const title = isOnly && output.label === 'default' ? 'Settings' : `Settings of ${shownLine(output.label)}`;
  return (
    <section class="section" aria-label={title}>
      <header>
        <h2>
          <bdi>{title}</bdi>
        </h2>
      </header>
      {warnings.map((warning) => (
        <p class="notice" key={warning}>
          <bdi>{shownLine(warning)}</bdi>
        </p>
      ))}
      {output.not_stored && (
        <p class="muted small">Of a run that is not stored, only numbers and switches are kept.</p>
      )}
      {names.length === 0 ? (
        <p class="muted">No field was given: the model server took its own defaults.</p>
      ) : (
        <Scroll label={`${title}, a table`}>
          <table class="sampling">
            <thead>
              <tr>
                <th scope="col">Field</th>
                <th scope="col" class="number">
                  Requested
                </th>
                <th scope="col" class="number">
                  Sent
                </th>
                <th scope="col" class="number">
                  Effective
                </th>
              </tr>
            </thead>
            <tbody>
              {names.map((name) => (
                <Row key={name} name={name} values={columns.map((fields) => fields.get(name))} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
};

const Row = ({ name, values }: { name: string; values: readonly unknown[] }) => {
  const [asked, , applied] = values.map(valueText);
  return (
    <tr class={asked === applied ? '' : 'changed'}>
      <th scope="row">
        <code>{shownLine(name)}</code>
      </th>
      {values.map((value, at) => (
        // Requested, sent, effective
        <td key={at} class="number">
          {at === 2 && (value === null || value === undefined) ? (
            <span class="bad" title="The server did not apply it, or is not known to.">
              not applied
            </span>
          ) : (
            <span class="value">{valueText(value)}</span>
          )}
        </td>
      ))}
    </tr>
  );
};

const valueText = (value: unknown): string => {
  if (value === undefined || value === null) return UNKNOWN;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return shownText(text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text);
};
