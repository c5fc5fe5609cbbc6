import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { everytoken } from '../../api.ts';
import { shownOf } from '../../figures.ts';
import { changeQuery } from '../../location.ts';
import { Field, Segments } from '../../parts/fields.tsx';
import { Icon } from '../../parts/icon.tsx';
import { useLoad } from '../../parts/load.ts';
import {
  BOUNDED,
  type BoundedFigure,
  countMore,
  filtersOf,
  metadataChanges,
  metadataText,
  noFilters,
  PERIODS,
  STATUSES,
} from './run-query.ts';

const MODELS_ID = 'models-of-filter';

/** The filters that narrow the list. Every choice goes into the address; a field takes effect at Enter, or when it is left. */
export const Filters = ({ query, children }: { query: URLSearchParams; children: ComponentChildren }) => {
  const more = countMore(query);
  const [isMoreOpen, setMoreOpen] = useState(more > 0);
  const since = query.get('since') ?? '';
  const isOwnSince = since !== '' && !PERIODS.some((period) => period === since);
  const hasFilter = Object.keys(filtersOf(query)).length > 0;
  return (
    <search class={`filters ${isMoreOpen ? 'open' : ''}`} aria-label="Filters of the runs">
      <div class="row">
        <Field label="Status">
          {(attributes) => (
            <select
              {...attributes}
              value={query.get('status') ?? ''}
              onChange={({ currentTarget }) => changeQuery({ status: currentTarget.value })}
            >
              <option value="">Any</option>
              {STATUSES.map((status) => (
                <option key={status} value={status}>
                  {status}
                </option>
              ))}
            </select>
          )}
        </Field>
        <TextFilter name="model" label="Model" query={query} list={MODELS_ID} isOptional />
        <Models />
        <TextFilter name="label" label="Label" query={query} isOptional />
        <div class="optional field">
          <span class="label">Since</span>
          <Segments
            label="Since"
            choices={[
              { value: '', label: 'Ever' },
              ...PERIODS.map((period) => ({ value: period, label: period })),
              ...(isOwnSince ? [{ value: since, label: since }] : []),
            ]}
            value={since}
            onChange={(value) => changeQuery({ since: value })}
          />
        </div>
        <button
          type="button"
          class="button"
          aria-expanded={isMoreOpen}
          aria-controls="more-filters"
          onClick={() => setMoreOpen(!isMoreOpen)}
        >
          More filters{more > 0 && ` (${more})`}
        </button>
        {hasFilter && (
          <button type="button" class="button quiet" onClick={() => changeQuery(noFilters(query))}>
            <Icon name="close" />
            Clear
          </button>
        )}
        <div class="end">{children}</div>
      </div>
      <div id="more-filters" hidden={!isMoreOpen}>
        {isMoreOpen && <MoreFilters query={query} />}
      </div>
    </search>
  );
};

const MoreFilters = ({ query }: { query: URLSearchParams }) => (
  <div class="more card">
    <TextFilter name="since" label="Since" query={query} placeholder="2026-11-30, 30m, 4w" />
    <TextFilter name="until" label="Until" query={query} placeholder="2026-11-30, 12h" />
    <Metadata query={query} />
    <TextFilter name="file" label="File" query={query} placeholder="file_…" />
    <TextFilter name="conversation" label="Conversation" query={query} placeholder="Its name, or run_…" />
    {BOUNDED.map((figure) => (
      <Bounds key={figure} figure={figure} query={query} />
    ))}
  </div>
);

/** The names of the models that can be asked, to choose from; any other may be typed. */
const Models = () => {
  const models = useLoad((signal) => everytoken().models({ signal }), ['models']);
  return (
    <datalist id={MODELS_ID}>
      {models.value?.data
        .filter(({ retired }) => !retired)
        .map(({ id }) => (
          <option key={id} value={id} />
        ))}
    </datalist>
  );
};

const TextFilter = ({
  name,
  label,
  query,
  placeholder,
  list,
  isOptional = false,
}: {
  name: string;
  label: string;
  query: URLSearchParams;
  placeholder?: string;
  list?: string;
  /** On a phone it stands behind `More filters`. */
  isOptional?: boolean;
}) => {
  const value = query.get(name) ?? '';
  const field = (
    <Field label={label}>
      {(attributes) => (
        <input
          {...attributes}
          key={value}
          class={`filter-${name}`}
          defaultValue={value}
          placeholder={placeholder}
          list={list}
          spellcheck={false}
          autoComplete="off"
          onChange={({ currentTarget }) => changeQuery({ [name]: currentTarget.value.trim() })}
        />
      )}
    </Field>
  );
  return isOptional ? <div class="optional">{field}</div> : field;
};

const Metadata = ({ query }: { query: URLSearchParams }) => {
  const [wrong, setWrong] = useState<string | undefined>(undefined);
  const text = metadataText(query);
  const change = (typed: string): void => {
    const changes = metadataChanges(typed, query);
    setWrong(changes === undefined ? 'Write key=value, with commas between several' : undefined);
    if (changes !== undefined) changeQuery(changes);
  };
  return (
    <Field label="Metadata" wrong={wrong}>
      {(attributes) => (
        <input
          {...attributes}
          key={text}
          class="filter-metadata"
          defaultValue={text}
          placeholder="team=docs"
          spellcheck={false}
          autoComplete="off"
          onChange={({ currentTarget }) => change(currentTarget.value)}
        />
      )}
    </Field>
  );
};

/** The least and the greatest value of a figure. */
const Bounds = ({ figure, query }: { figure: BoundedFigure; query: URLSearchParams }) => {
  const { title, unit } = shownOf(figure);
  const name = `${title}${figure === 'cost_usd' ? ' ($)' : unit === '' ? '' : ` (${unit})`}`;
  return (
    <div class="field">
      <span class="label">{name}</span>
      <div class="bounds">
        {(['min', 'max'] as const).map((end) => (
          <input
            key={`${end} ${query.get(`${end}_${figure}`) ?? ''}`}
            type="number"
            min="0"
            step="any"
            aria-label={`${name}, ${end === 'min' ? 'at least' : 'at most'}`}
            placeholder={end}
            defaultValue={query.get(`${end}_${figure}`) ?? ''}
            onChange={({ currentTarget }) => changeQuery({ [`${end}_${figure}`]: currentTarget.value })}
          />
        ))}
      </div>
    </div>
  );
};
