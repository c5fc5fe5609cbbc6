import { useState } from 'preact/hooks';
import type { ModelList } from '../../../client/index.ts';
import { shownLine } from '../../../report/shown-text.ts';
import { Field } from '../../parts/fields.tsx';
import { Icon } from '../../parts/icon.tsx';
import type { TokenColour } from '../../parts/tokens.ts';
import { SETTING_FIELDS, type SettingDraft, type SettingField } from './draft.ts';
import type { FieldErrors } from './field-errors.ts';
import type { LiveRun } from './live-run.ts';
import { Output, SettingFigures } from './output.tsx';

type Props = {
  at: number;
  setting: SettingDraft;
  models: ModelList['data'];
  wrong: FieldErrors;
  live: LiveRun | undefined;
  colour: TokenColour;
  alternatives: number;
  change: (changes: Partial<SettingDraft>) => void;
  remove: (() => void) | undefined;
};

/** A setting: its fields, and below them what it answers. */
export const SettingColumn = ({
  at,
  setting,
  models,
  wrong,
  live,
  colour,
  change,
  remove,
  alternatives,
}: Props) => {
  const outputs = live?.outputs.filter(({ index }) => Math.floor(index / samplesOf(live)) === at) ?? [];
  return (
    <section class="card setting" aria-label={`Setting ${setting.label}`}>
      <h2 class="unseen">{shownLine(setting.label)}</h2>
      <header>
        <span class={`swatch series-${at % 8}`} aria-hidden="true" />
        <input
          class="name"
          aria-label={`Label of setting ${at + 1}`}
          value={setting.label}
          onInput={({ currentTarget }) => change({ label: currentTarget.value })}
        />
        {remove && (
          <button
            type="button"
            class="button quiet icon-only"
            aria-label={`Remove setting ${setting.label}`}
            onClick={remove}
          >
            <Icon name="close" />
          </button>
        )}
      </header>
      {wrong.at(`settings.${at}.label`) && <p class="small bad">{wrong.at(`settings.${at}.label`)}</p>}
      <SettingFields at={at} setting={setting} models={models} wrong={wrong} change={change} />
      <SettingFigures outputs={outputs} live={live} label={setting.label} />
      {outputs.length === 0 ? (
        <div class="output waiting muted">The answer comes here.</div>
      ) : (
        outputs.map((output) => (
          <Output
            key={output.index}
            output={output}
            live={live}
            colour={colour}
            isNumbered={outputs.length > 1}
            alternatives={alternatives}
          />
        ))
      )}
    </section>
  );
};

const samplesOf = ({ outputs }: LiveRun): number => 1 + Math.max(0, ...outputs.map(({ sample }) => sample));

const SettingFields = ({
  at,
  setting,
  models,
  wrong,
  change,
}: Pick<Props, 'at' | 'setting' | 'models' | 'wrong' | 'change'>) => {
  const [isMore, setMore] = useState(false);
  const shown = SETTING_FIELDS.filter(({ name, usual }) => usual || isMore || setting[name] !== '');
  const set = (name: SettingField, value: string): void => change({ [name]: value });
  return (
    <div class="setting-fields">
      {shown.map(({ name, label, kind, step }) => (
        <Field key={name} label={label} wrong={wrong.at(`settings.${at}.${name}`)}>
          {(attributes) => {
            const given = {
              ...attributes,
              value: setting[name],
              onInput: ({ currentTarget }: { currentTarget: { value: string } }) =>
                set(name, currentTarget.value),
            };
            if (kind === 'model') return <ModelChoice {...given} models={models} />;
            if (kind === 'lines') return <textarea {...given} rows={1} />;
            return kind === 'number' ? (
              <input {...given} type="number" step={step} placeholder="default" />
            ) : (
              <input {...given} placeholder="default" />
            );
          }}
        </Field>
      ))}
      {!isMore && (
        <button type="button" class="button quiet more" onClick={() => setMore(true)}>
          More fields
        </button>
      )}
    </div>
  );
};

/** The models that generate text, and one that was typed into the address or comes from an old run. */
const ModelChoice = ({
  models,
  value,
  ...attributes
}: {
  models: ModelList['data'];
  value: string;
  onInput: (event: { currentTarget: { value: string } }) => void;
}) => {
  const usable = models.filter(({ sampling }) => sampling !== null).map(({ id }) => id);
  const all = value === '' || usable.includes(value) ? usable : [value, ...usable];
  return (
    <select {...attributes} value={value}>
      <option value="">default</option>
      {all.map((id) => (
        <option key={id} value={id}>
          {id}
        </option>
      ))}
    </select>
  );
};
