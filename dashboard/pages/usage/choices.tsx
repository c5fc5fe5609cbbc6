import type { UsageReport } from '../../../client/index.ts';
import { changeQuery } from '../../location.ts';
import { Field, Segments } from '../../parts/fields.tsx';
import type { Grouping } from './grouping.ts';
import { chosenPeriod, PERIODS, type Period } from './period.ts';

const OF_A_CALLER = ['model', 'label', 'day', 'metadata'] as const;
const OF_AN_OPERATOR = ['model', 'caller', 'day', 'metadata'] as const;
const NAMES = { model: 'Model', label: 'Label', day: 'Day', caller: 'Caller', metadata: 'Metadata key' };

/** The period and the grouping. Every choice is in the address. */
export const Choices = ({
  period,
  fault,
  grouping,
  caller,
  isOperator,
  shown,
  again,
}: {
  period: Period;
  fault: string | undefined;
  grouping: Grouping;
  /** The only caller that is shown to an operator; empty for all. */
  caller: string;
  isOperator: boolean;
  /** The report that is on the page, whose dates are the first own ones. */
  shown: UsageReport | undefined;
  again: () => void;
}) => {
  const offered = isOperator ? OF_AN_OPERATOR : OF_A_CALLER;
  const groupings = offered.some((by) => by === grouping.by) ? offered : [...offered, grouping.by];
  return (
    <div class="choices">
      <div class="field">
        <span class="label">Period, UTC</span>
        <Segments
          label="Period"
          choices={PERIODS.map((name) => ({ value: name, label: name === 'own' ? 'Dates' : name }))}
          value={period.name}
          onChange={(name) => changeQuery(chosenPeriod(name, shown))}
        />
      </div>
      {period.name === 'own' && (
        <>
          <Field label="First day" wrong={fault}>
            {(attributes) => (
              <input
                {...attributes}
                type="date"
                value={period.since}
                onChange={({ currentTarget }) =>
                  changeQuery({ since: currentTarget.value, until: period.until })
                }
              />
            )}
          </Field>
          <Field label="Last day">
            {(attributes) => (
              <input
                {...attributes}
                type="date"
                value={period.until}
                onChange={({ currentTarget }) =>
                  changeQuery({ until: currentTarget.value, since: period.since })
                }
              />
            )}
          </Field>
        </>
      )}
      <Field label="Group by">
        {(attributes) => (
          <select
            {...attributes}
            value={grouping.by}
            onChange={({ currentTarget: { value } }) => changeQuery({ by: value === 'model' ? null : value })}
          >
            {groupings.map((by) => (
              <option key={by} value={by}>
                {NAMES[by]}
              </option>
            ))}
          </select>
        )}
      </Field>
      {grouping.by === 'metadata' && (
        <Field
          label="Key"
          tip={
            isOperator
              ? 'A key of USAGE_KEYS, which the deployment has usage summed by.'
              : 'A key of the metadata that runs were created with, such as tenant.'
          }
        >
          {(attributes) => (
            <input
              {...attributes}
              type="text"
              maxLength={64}
              placeholder="tenant"
              value={grouping.key}
              onChange={({ currentTarget }) => changeQuery({ key: currentTarget.value.trim() })}
            />
          )}
        </Field>
      )}
      {caller !== '' && (
        <div class="field">
          <span class="label">Caller</span>
          <button type="button" class="button" onClick={() => changeQuery({ caller: null })}>
            <bdi>{caller}</bdi>
            <span class="muted">show all</span>
          </button>
        </div>
      )}
      <button type="button" class="button" onClick={again}>
        Refresh
      </button>
    </div>
  );
};
