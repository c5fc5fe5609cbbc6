import { CHECKS, type CheckDraft, type Draft, OBJECTIVES } from '../../comparison-request/draft.ts';
import { Field } from '../../parts/fields.tsx';
import { Icon } from '../../parts/icon.tsx';
import type { FieldsProps } from './fields-props.ts';

const PLACEHOLDERS: { [Type in CheckDraft['type']]: string } = {
  contains: 'vector',
  regex: '^\\d+$',
  json_schema: '{"type": "object", "required": ["answer"]}',
  min_length: '100',
  max_length: '2000',
};

/** The checks that an answer must pass. */
export const ChecksFields = ({ draft: { checks }, change, wrong }: FieldsProps) => {
  const replace = (at: number, ...by: CheckDraft[]): void =>
    change({ checks: checks.toSpliced(at, 1, ...by) });
  return (
    <fieldset class="card">
      <legend>Checks</legend>
      {checks.length === 0 && (
        <p class="small muted">
          Without a check there is no pass rate. An answer passes if it passes all of them.
        </p>
      )}
      <ul class="stack">
        {checks.map((check, at) => (
          <li key={at} class="check-fields">
            <Field label={`Check ${at + 1}: the answer`}>
              {(attributes) => (
                <select
                  {...attributes}
                  value={check.type}
                  onChange={(event) =>
                    replace(at, { ...check, type: event.currentTarget.value as CheckDraft['type'] })
                  }
                >
                  {CHECKS.map(({ type, title }) => (
                    <option key={type} value={type}>
                      {title}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            <Field
              label={CHECKS.find(({ type }) => type === check.type)?.field ?? ''}
              wrong={wrong.get(`checks.${at}`)}
            >
              {(attributes) =>
                check.type === 'json_schema' ? (
                  <textarea
                    {...attributes}
                    class="mono"
                    rows={3}
                    spellcheck={false}
                    placeholder={PLACEHOLDERS[check.type]}
                    value={check.text}
                    onInput={(event) => replace(at, { ...check, text: event.currentTarget.value })}
                  />
                ) : (
                  <input
                    {...attributes}
                    dir="auto"
                    autoComplete="off"
                    spellcheck={false}
                    placeholder={PLACEHOLDERS[check.type]}
                    value={check.text}
                    onInput={(event) => replace(at, { ...check, text: event.currentTarget.value })}
                  />
                )
              }
            </Field>
            <button
              type="button"
              class="button quiet icon-only"
              aria-label={`Remove check ${at + 1}`}
              onClick={() => replace(at)}
            >
              <Icon name="trash" />
            </button>
          </li>
        ))}
      </ul>
      <div class="row">
        <button
          type="button"
          class="button"
          onClick={() => change({ checks: [...checks, { type: 'contains', text: '' }] })}
        >
          <Icon name="plus" />
          Add a check
        </button>
      </div>
    </fieldset>
  );
};

/** How often each is asked, how long answers may be, what they must keep and what they may cost. */
export const LimitsFields = ({ draft, change, wrong }: FieldsProps) => (
  <fieldset class="card">
    <legend>Samples and limits</legend>
    <div class="limits">
      <Field
        label="Samples"
        tip="Answers of each setting to each prompt, 1 to 64. Take 20 blocks (prompts x samples) or more."
        wrong={wrong.get('samples')}
      >
        {(attributes) => (
          <input
            {...attributes}
            inputMode="numeric"
            value={draft.samples}
            onInput={(event) => change({ samples: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field
        label="Max tokens"
        tip="Upper bound of the tokens of an answer; 1,024 without one."
        wrong={wrong.get('max_tokens')}
      >
        {(attributes) => (
          <input
            {...attributes}
            inputMode="numeric"
            placeholder="1024"
            value={draft.maxTokens}
            onInput={(event) => change({ maxTokens: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field
        label="Cost at most, $"
        tip="This page does not start a comparison whose estimate may cost more. The API does not know it."
        wrong={wrong.get('max_cost')}
      >
        {(attributes) => (
          <input
            {...attributes}
            inputMode="decimal"
            placeholder="no bound"
            value={draft.maxCostUsd}
            onInput={(event) => change({ maxCostUsd: event.currentTarget.value })}
          />
        )}
      </Field>
      {OBJECTIVES.map(({ name, title }) => (
        <Field
          key={name}
          label={title}
          tip="An objective: answers that keep all of them count as met."
          wrong={wrong.get(`objectives.${name}`)}
        >
          {(attributes) => (
            <input
              {...attributes}
              inputMode="decimal"
              placeholder="none"
              value={draft.objectives[name]}
              onInput={(event) =>
                change({ objectives: { ...draft.objectives, [name]: event.currentTarget.value } })
              }
            />
          )}
        </Field>
      ))}
    </div>
  </fieldset>
);

/** The name, metadata, and fields that have no control of their own. */
export const MoreFields = ({ draft, change, wrong }: FieldsProps) => {
  const { metadata } = draft;
  const replace = (at: number, ...by: Draft['metadata']): void =>
    change({ metadata: metadata.toSpliced(at, 1, ...by) });
  return (
    <fieldset class="card">
      <legend>Name and metadata</legend>
      <Field label="Name" wrong={wrong.get('name')}>
        {(attributes) => (
          <input
            {...attributes}
            dir="auto"
            autoComplete="off"
            maxLength={200}
            placeholder="For the list; up to 200 characters"
            value={draft.name}
            onInput={(event) => change({ name: event.currentTarget.value })}
          />
        )}
      </Field>
      {metadata.length > 0 && (
        <ul class="stack">
          {metadata.map((pair, at) => (
            <li key={at} class="pair-fields">
              <input
                aria-label={`Key ${at + 1}`}
                autoComplete="off"
                placeholder="key"
                value={pair.key}
                onInput={(event) => replace(at, { ...pair, key: event.currentTarget.value })}
              />
              <input
                aria-label={`Value ${at + 1}`}
                dir="auto"
                autoComplete="off"
                placeholder="value"
                value={pair.value}
                onInput={(event) => replace(at, { ...pair, value: event.currentTarget.value })}
              />
              <button
                type="button"
                class="button quiet icon-only"
                aria-label={`Remove pair ${at + 1}`}
                onClick={() => replace(at)}
              >
                <Icon name="trash" />
              </button>
            </li>
          ))}
        </ul>
      )}
      {wrong.has('metadata') && (
        <p class="wrong" role="alert">
          {wrong.get('metadata')}
        </p>
      )}
      <div class="row">
        <button
          type="button"
          class="button"
          onClick={() => change({ metadata: [...metadata, { key: '', value: '' }] })}
        >
          <Icon name="plus" />
          Add metadata
        </button>
      </div>
      <Field
        label="Other fields of all settings, JSON"
        tip="Any further field of POST /comparisons, such as index or strict_sampling."
        wrong={wrong.get('other')}
      >
        {(attributes) => (
          <input
            {...attributes}
            class="mono"
            autoComplete="off"
            spellcheck={false}
            placeholder='{"strict_sampling": true}'
            value={draft.other}
            onInput={(event) => change({ other: event.currentTarget.value })}
          />
        )}
      </Field>
    </fieldset>
  );
};
