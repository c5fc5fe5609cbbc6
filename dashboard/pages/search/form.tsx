import { useEffect, useRef, useState } from 'preact/hooks';
import { shownLine } from '../../../report/shown-text.ts';
import { hrefOf } from '../../address.ts';
import { changeQuery, go } from '../../location.ts';
import { Field } from '../../parts/fields.tsx';
import { Icon } from '../../parts/icon.tsx';
import {
  BOUNDED_FIGURES,
  COUNTS,
  type Condition,
  conditionsOf,
  conditionText,
  countOf,
  SINCE,
  viewOf,
} from '../../search/search-input.ts';

/** The text to search for, and the conditions. Nothing is sent until Enter or the button: each search costs an embedding. */
export const SearchForm = ({ query }: { query: URLSearchParams }) => {
  const conditions = conditionsOf(query);
  const [isOpen, setOpen] = useState(false);
  const text = useRef<HTMLInputElement>(null);
  const asked = query.get('q') ?? '';
  useEffect(() => {
    if (text.current) text.current.value = asked;
  }, [asked]);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    go(hrefOf(['search'], { ...valuesOf(event.currentTarget as HTMLFormElement), view: query.get('view') }));
  };
  return (
    <search aria-label="Outputs">
      <form class="search-form" onSubmit={submit}>
        <div class="ask">
          <input
            ref={text}
            name="q"
            type="search"
            aria-label="Search for"
            placeholder="A question, a topic, or rare words"
            defaultValue={asked}
            autoComplete="off"
          />
          <button type="submit" class="button primary">
            Search
          </button>
          <button
            type="button"
            class="button"
            aria-expanded={isOpen}
            aria-controls="search-filters"
            onClick={() => setOpen(!isOpen)}
          >
            Filters{conditions.length > 0 && ` (${conditions.length})`}
          </button>
        </div>
        {/* Shut, it is still part of the form: its conditions hold. */}
        <div id="search-filters" class="card" hidden={!isOpen}>
          <Filters key={query.toString()} query={query} />
        </div>
        {conditions.length > 0 && <Conditions conditions={conditions} />}
      </form>
    </search>
  );
};

/** The values of a form by their names; pairs of metadata become `metadata.KEY`. */
const valuesOf = (form: HTMLFormElement): { [name: string]: string } => {
  const data = new FormData(form);
  const texts = (name: string) =>
    data.getAll(name).map((value) => (typeof value === 'string' ? value.trim() : ''));
  const values = texts('metadata-value');
  const metadata = texts('metadata-key').flatMap((key, at): [string, string][] =>
    key === '' ? [] : [[`metadata.${key}`, values[at] ?? '']],
  );
  const others = [...new Set(data.keys())].filter((name) => !name.startsWith('metadata-'));
  return Object.fromEntries([...others.map((name) => [name, texts(name)[0] ?? '']), ...metadata]);
};

const Conditions = ({ conditions }: { conditions: readonly Condition[] }) => (
  <ul class="conditions" aria-label="Conditions">
    {conditions.map((condition) => {
      const words = shownLine(conditionText(condition));
      return (
        <li key={condition.name}>
          <button
            type="button"
            class="badge"
            aria-label={`Remove the condition ${words}`}
            onClick={() => changeQuery({ [condition.name]: null })}
          >
            <bdi>{words}</bdi>
            <Icon name="close" />
          </button>
        </li>
      );
    })}
  </ul>
);

const Filters = ({ query }: { query: URLSearchParams }) => {
  const known = (name: string) => query.get(name) ?? '';
  const since = known('since');
  return (
    <>
      <div class="fields">
        <Field label="Model">
          {(attributes) => <input {...attributes} name="model" defaultValue={known('model')} />}
        </Field>
        <Field label="Label">
          {(attributes) => <input {...attributes} name="label" defaultValue={known('label')} />}
        </Field>
        <Field label="Run">
          {(attributes) => (
            <input {...attributes} name="run" placeholder="run_…" defaultValue={known('run')} />
          )}
        </Field>
        <Field label="Since">
          {(attributes) => (
            <select {...attributes} name="since" defaultValue={since}>
              {SINCE.map(({ value, label }) => (
                <option key={value} value={value} selected={value === since}>
                  {label}
                </option>
              ))}
              {!SINCE.some(({ value }) => value === since) && (
                <option value={since} selected>
                  {shownLine(since)}
                </option>
              )}
            </select>
          )}
        </Field>
        <Field label="Until" tip="A date (UTC) counts with its whole day; 7d is seven days ago.">
          {(attributes) => (
            <input {...attributes} name="until" placeholder="2026-11-30, 7d" defaultValue={known('until')} />
          )}
        </Field>
        <Field label="Outputs at most">
          {(attributes) => (
            <select {...attributes} name="top_k">
              {COUNTS.map((count) => (
                <option key={count} value={count} selected={count === countOf(query)}>
                  {count}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <fieldset>
        <legend>Figures: an output whose figure is not known meets no bound</legend>
        <div class="bounds">
          {BOUNDED_FIGURES.map(({ field, title, unit }) => (
            <div key={field} class="bound">
              <span class="label">
                {title}
                {unit !== '' && <span class="muted"> {unit}</span>}
              </span>
              {(['min', 'max'] as const).map((end) => (
                <input
                  key={end}
                  name={`${end}_${field}`}
                  inputMode="decimal"
                  aria-label={`${title}, at ${end === 'min' ? 'least' : 'most'}`}
                  placeholder={end === 'min' ? 'at least' : 'at most'}
                  defaultValue={known(`${end}_${field}`)}
                />
              ))}
            </div>
          ))}
        </div>
      </fieldset>
      <Metadata query={query} />
      <div class="row">
        <button type="submit" class="button primary">
          Search with these
        </button>
        <a
          class="button"
          href={hrefOf(['search'], { q: query.get('q'), view: viewOf(query) === 'map' ? 'map' : null })}
        >
          Without filters
        </a>
      </div>
    </>
  );
};

const MOST_PAIRS = 16;

const Metadata = ({ query }: { query: URLSearchParams }) => {
  const given = [...new Set(query.keys())]
    .filter((name) => name.startsWith('metadata.'))
    .map((name) => ({ key: name.slice('metadata.'.length), value: query.get(name) ?? '' }));
  const [rows, setRows] = useState(Math.max(1, given.length));
  return (
    <fieldset>
      <legend>Metadata: outputs of runs that have each pair</legend>
      <div class="pairs">
        {Array.from({ length: rows }, (_, at) => (
          <div key={at} class="pair">
            <input
              name="metadata-key"
              aria-label={`Metadata key ${at + 1}`}
              placeholder="team"
              defaultValue={given[at]?.key ?? ''}
            />
            <span aria-hidden="true">=</span>
            <input
              name="metadata-value"
              aria-label={`Metadata value ${at + 1}`}
              placeholder="docs"
              defaultValue={given[at]?.value ?? ''}
            />
          </div>
        ))}
        {rows < MOST_PAIRS && (
          <button type="button" class="button quiet" onClick={() => setRows(rows + 1)}>
            <Icon name="plus" /> Another pair
          </button>
        )}
      </div>
    </fieldset>
  );
};
