import { useRef } from 'preact/hooks';
import { shownLine } from '../../../report/shown-text.ts';
import { everytoken } from '../../api.ts';
import { NO_OPTIONS, type Options } from '../../files/file-defaults.ts';
import { Field } from '../../parts/fields.tsx';
import { useLoad } from '../../parts/load.ts';

type Numbers = 'max_tokens' | 'temperature' | 'top_p' | 'top_k' | 'samples' | 'max_cost_usd';

const NUMBERS: readonly { name: Numbers; label: string; tip: string; usual: string }[] = [
  {
    name: 'max_tokens',
    label: 'Max tokens',
    tip: 'Upper bound of the tokens of an answer, reasoning included.',
    usual: '1024',
  },
  {
    name: 'temperature',
    label: 'Temperature',
    tip: 'Sampling temperature; left out, it is not sent.',
    usual: 'not sent',
  },
  {
    name: 'top_p',
    label: 'Top-p',
    tip: 'Only the smallest set of tokens whose probabilities add up to this.',
    usual: 'not sent',
  },
  { name: 'top_k', label: 'Top-k', tip: 'Only the k most probable tokens.', usual: 'not sent' },
  { name: 'samples', label: 'Answers for each row', tip: 'Samples of each row.', usual: '1' },
  {
    name: 'max_cost_usd',
    label: 'Cost at most, $',
    tip: 'Stops each file before it costs more. It needs a known price.',
    usual: 'no limit',
  },
];

const FLAGS = [
  { name: 'dry_run', label: 'Dry run: check every line, generate nothing' },
  { name: 'rerun', label: 'Generate also lines that an earlier file has answered' },
  { name: 'batch', label: 'May wait: OpenAI’s Batch API, half the price, no timings' },
] as const;

/** Fields for all rows of all chosen files. A row's own field goes before them. */
export const OptionsForm = ({
  options,
  faults,
  variables,
  onChange,
}: {
  options: Options;
  faults: ReadonlyMap<string, string>;
  /** Columns that a template can use. */
  variables: readonly string[];
  onChange: (options: Options) => void;
}) => {
  const template = useRef<HTMLTextAreaElement>(null);
  const models = useLoad((signal) => everytoken().models({ signal }), []);
  const set = <Name extends keyof Options>(name: Name, value: Options[Name]) =>
    onChange({ ...options, [name]: value });
  const text = (name: Exclude<keyof Options, (typeof FLAGS)[number]['name']>) => ({
    name,
    value: options[name],
    onInput: ({ currentTarget }: { currentTarget: HTMLInputElement | HTMLTextAreaElement }) =>
      set(name, currentTarget.value),
  });
  const insert = (variable: string): void => {
    const field = template.current;
    const place = `{{${variable}}}`;
    const [from, to] = [
      field?.selectionStart ?? options.template.length,
      field?.selectionEnd ?? options.template.length,
    ];
    set('template', options.template.slice(0, from) + place + options.template.slice(to));
    requestAnimationFrame(() => {
      field?.focus();
      field?.setSelectionRange(from + place.length, from + place.length);
    });
  };
  const models_ = models.value?.data.filter(({ sampling }) => sampling !== null) ?? [];
  return (
    <section class="card options" aria-label="Fields for every row">
      <Field label="Template: the prompt for each row" wrong={faults.get('template')}>
        {(attributes) => (
          <textarea
            {...attributes}
            {...text('template')}
            ref={template}
            rows={3}
            spellcheck
            placeholder="Explain {{name}} to {{audience}}."
          />
        )}
      </Field>
      {variables.length > 0 && (
        <ul class="variables" aria-label="Columns for the template">
          {variables.map((variable) => (
            <li key={variable}>
              <button
                type="button"
                class="badge"
                aria-label={`Insert ${shownLine(variable)}`}
                onClick={() => insert(variable)}
              >
                <bdi>{`{{${shownLine(variable)}}}`}</bdi>
              </button>
            </li>
          ))}
        </ul>
      )}
      <div class="fields">
        <Field label="Model" tip="Where a row names none." wrong={faults.get('model')}>
          {(attributes) => (
            <>
              <input {...attributes} {...text('model')} list="file-models" placeholder="default" />
              <datalist id="file-models">
                {models_.map(({ id }) => (
                  <option key={id} value={id} />
                ))}
              </datalist>
            </>
          )}
        </Field>
        {NUMBERS.map(({ name, label, tip, usual }) => (
          <Field key={name} label={label} tip={tip} wrong={faults.get(name)}>
            {(attributes) => (
              <input {...attributes} {...text(name)} inputMode="decimal" placeholder={usual} />
            )}
          </Field>
        ))}
      </div>
      <details open={options.metadata !== '' || options.others !== '' || undefined}>
        <summary>Metadata, other fields, and how it is generated</summary>
        <div class="more">
          <div class="columns">
            <Field label="Metadata of each run, name=value a line" wrong={faults.get('metadata')}>
              {(attributes) => (
                <textarea
                  {...attributes}
                  {...text('metadata')}
                  rows={3}
                  class="mono"
                  placeholder="team=docs"
                />
              )}
            </Field>
            <Field label="Any other fields, as JSON" wrong={faults.get('others')}>
              {(attributes) => (
                <textarea
                  {...attributes}
                  {...text('others')}
                  rows={3}
                  class="mono"
                  placeholder={'{"seed": 1}'}
                />
              )}
            </Field>
          </div>
          {FLAGS.map(({ name, label }) => (
            <label key={name} class="check">
              <input
                type="checkbox"
                name={name}
                checked={options[name]}
                onChange={({ currentTarget }) => set(name, currentTarget.checked)}
              />
              {label}
            </label>
          ))}
        </div>
      </details>
    </section>
  );
};

/** The faults of fields that the API refuses, at the fields of the form: `defaults.temperature`. */
export const faultsByApi = (issues: readonly { path: string; message: string }[]): Map<string, string> =>
  new Map(
    issues.flatMap(({ path, message }) => {
      const name = path.replace(/^defaults\./, '').split('.')[0] ?? '';
      const field = name === 'prompt' ? 'template' : name === 'mode' ? 'batch' : name;
      return Object.hasOwn(NO_OPTIONS, field) ? [[field, shownLine(message)]] : [];
    }),
  );
