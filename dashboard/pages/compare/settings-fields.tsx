import { everytoken } from '../../api.ts';
import { rowsOf } from '../../comparison-request/draft.ts';
import {
  type Dimension,
  FIELDS,
  type FieldName,
  fieldOf,
  MAX_SETTINGS,
  productSize,
  type Row,
  valuesIn,
} from '../../comparison-request/settings.ts';
import { Field, Segments } from '../../parts/fields.tsx';
import { Icon } from '../../parts/icon.tsx';
import { useLoad } from '../../parts/load.ts';
import { SettingName } from '../../parts/setting-name.tsx';
import type { FieldsProps } from './fields-props.ts';

const WAYS = [
  { value: 'matrix', label: 'Combinations' },
  { value: 'rows', label: 'One by one' },
] as const;

/** The settings: all combinations of some values, or rows that are written by hand. */
export const SettingsFields = (props: FieldsProps) => {
  const { draft, change, wrong } = props;
  const models = useModels();
  return (
    <fieldset class="card">
      <legend>Settings</legend>
      <div class="row">
        <Segments
          label="How settings are given"
          choices={WAYS}
          value={draft.by}
          onChange={(by) =>
            change({
              by,
              ...(by === 'rows' && (draft.by === 'matrix' || draft.rows.length === 0)
                ? { rows: rowsOf(draft) }
                : {}),
            })
          }
        />
        <span class="small muted">
          {draft.by === 'matrix'
            ? 'Each combination of the values becomes a setting.'
            : 'Each row is a setting; empty fields are left to the model server.'}
        </span>
      </div>
      {draft.by === 'matrix' ? <Matrix {...props} models={models} /> : <Rows {...props} models={models} />}
      {wrong.has('settings') && (
        <p class="wrong" role="alert">
          {wrong.get('settings')}
        </p>
      )}
      <datalist id="comparison-models">
        {models.map((model) => (
          <option key={model} value={model} />
        ))}
      </datalist>
    </fieldset>
  );
};

/** The models that can be asked now; none while they are read, or where that fails: names can be typed. */
const useModels = (): string[] => {
  const { value } = useLoad(
    async (signal) => {
      const { data } = await everytoken().models({ signal });
      return data.flatMap(({ id, provider, retired }) =>
        retired ? [] : [provider === 'default' ? id : `${provider}/${id}`],
      );
    },
    ['models'],
  );
  return value ?? [];
};

type WithModels = FieldsProps & { models: readonly string[] };

/** More models than these would crowd the form; the rest can be typed. */
const MODELS_OFFERED = 12;

const Matrix = ({ draft, change, wrong, models }: WithModels) => {
  const { dimensions } = draft;
  const replace = (at: number, ...by: Dimension[]): void =>
    change({ dimensions: dimensions.toSpliced(at, 1, ...by) });
  const unused = FIELDS.filter(({ name }) => !dimensions.some(({ field }) => field === name));
  const rows = rowsOf(draft);
  const size = productSize(dimensions);
  return (
    <>
      <div class="dimensions">
        {dimensions.map((dimension, at) => (
          <div class="dimension" key={dimension.field}>
            <Field label={fieldOf(dimension.field).title} wrong={wrong.get(`dimension.${dimension.field}`)}>
              {(attributes) => (
                <input
                  {...attributes}
                  autoComplete="off"
                  spellcheck={false}
                  placeholder={fieldOf(dimension.field).example}
                  value={dimension.values}
                  onInput={(event) => replace(at, { ...dimension, values: event.currentTarget.value })}
                />
              )}
            </Field>
            <button
              type="button"
              class="button quiet icon-only"
              aria-label={`Remove ${fieldOf(dimension.field).title.toLowerCase()}`}
              onClick={() => replace(at)}
            >
              <Icon name="trash" />
            </button>
            {dimension.field === 'model' && models.length > 0 && (
              <ModelChoice
                models={models}
                dimension={dimension}
                onChange={(changed) => replace(at, changed)}
              />
            )}
          </div>
        ))}
      </div>
      <div class="row">
        {unused.length > 0 && (
          <select
            aria-label="Add a field that settings differ in"
            value=""
            onChange={(event) => {
              const field = event.currentTarget.value as FieldName;
              event.currentTarget.value = '';
              change({ dimensions: [...dimensions, { field, values: '' }] });
            }}
          >
            <option value="">Add a field…</option>
            {unused.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        )}
        <span class="small muted">
          Values with commas between; <code>default</code> leaves a field out.
        </span>
      </div>
      <div class="product" role="status">
        <p class="small muted">
          {size === 0
            ? 'No setting yet.'
            : `${size.toLocaleString('en-US')} ${size === 1 ? 'setting' : 'settings'}${size > MAX_SETTINGS ? `, the first ${MAX_SETTINGS} of them:` : ':'}`}
        </p>
        <ul class="row">
          {rows.map(({ label }, at) => (
            <li key={label} class="badge">
              <SettingName label={label} at={at} />
            </li>
          ))}
        </ul>
      </div>
    </>
  );
};

/** Models as buttons, which put their names among the values or take them out. */
const ModelChoice = ({
  models,
  dimension,
  onChange,
}: {
  models: readonly string[];
  dimension: Dimension;
  onChange: (dimension: Dimension) => void;
}) => {
  const chosen = valuesIn(dimension.values);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset within a fieldset would have a second frame
    <div class="row model-choice" role="group" aria-label="Models">
      {models.slice(0, MODELS_OFFERED).map((model) => {
        const isChosen = chosen.includes(model);
        return (
          <button
            key={model}
            type="button"
            class="button small"
            aria-pressed={isChosen}
            onClick={() =>
              onChange({
                ...dimension,
                values: (isChosen ? chosen.filter((each) => each !== model) : [...chosen, model]).join(', '),
              })
            }
          >
            {model}
          </button>
        );
      })}
    </div>
  );
};

/** The fields that a row always offers; the others appear where a row has them, or are written as JSON. */
const USUAL: readonly FieldName[] = ['model', 'temperature', 'top_p', 'top_k', 'max_tokens', 'seed'];

const Rows = ({ draft: { rows }, change, wrong }: WithModels) => {
  const replace = (at: number, ...by: Row[]): void => change({ rows: rows.toSpliced(at, 1, ...by) });
  const fields = FIELDS.filter(
    ({ name }) => USUAL.includes(name) || rows.some((row) => row.fields[name] !== undefined),
  );
  return (
    <>
      <ol class="setting-rows">
        {rows.map((row, at) => (
          <li key={at} class="setting-row">
            <div class="label-field">
              <Field label={`Label of setting ${at + 1}`} wrong={wrong.get(`settings.${at}.label`)}>
                {(attributes) => (
                  <input
                    {...attributes}
                    dir="auto"
                    autoComplete="off"
                    maxLength={100}
                    value={row.label}
                    onInput={(event) => replace(at, { ...row, label: event.currentTarget.value })}
                  />
                )}
              </Field>
            </div>
            {fields.map(({ name, title, isNumber }) => (
              <Field key={name} label={title} wrong={wrong.get(`settings.${at}.${name}`)}>
                {(attributes) => (
                  <input
                    {...attributes}
                    autoComplete="off"
                    spellcheck={false}
                    inputMode={isNumber ? 'decimal' : 'text'}
                    list={name === 'model' ? 'comparison-models' : undefined}
                    placeholder="default"
                    value={row.fields[name] ?? ''}
                    onInput={(event) =>
                      replace(at, { ...row, fields: { ...row.fields, [name]: event.currentTarget.value } })
                    }
                  />
                )}
              </Field>
            ))}
            <Field label="Other fields, JSON" wrong={wrong.get(`settings.${at}.other`)}>
              {(attributes) => (
                <input
                  {...attributes}
                  class="mono"
                  autoComplete="off"
                  spellcheck={false}
                  placeholder='{"stop": ["\n"]}'
                  value={row.other}
                  onInput={(event) => replace(at, { ...row, other: event.currentTarget.value })}
                />
              )}
            </Field>
            <div class="row small">
              <button
                type="button"
                class="button quiet"
                onClick={() => replace(at, row, { ...row, label: `${row.label} copy`.slice(0, 100) })}
              >
                Copy<span class="unseen"> setting {at + 1}</span>
              </button>
              <button type="button" class="button quiet" onClick={() => replace(at)}>
                Remove<span class="unseen"> setting {at + 1}</span>
              </button>
            </div>
          </li>
        ))}
      </ol>
      <div class="row">
        <button
          type="button"
          class="button"
          disabled={rows.length >= MAX_SETTINGS}
          onClick={() => change({ rows: [...rows, { label: '', fields: {}, other: '' }] })}
        >
          <Icon name="plus" />
          Add a setting
        </button>
        <span class="small muted">
          {rows.length} of at most {MAX_SETTINGS}.
        </span>
      </div>
    </>
  );
};
