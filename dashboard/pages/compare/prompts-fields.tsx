import { linesAsPrompts, type Message, type PromptDraft } from '../../comparison-request/draft.ts';
import { Field } from '../../parts/fields.tsx';
import { Icon } from '../../parts/icon.tsx';
import type { FieldsProps } from './fields-props.ts';

const ROLES = ['system', 'developer', 'user', 'assistant', 'tool'];
const MAX_ROWS = 12;

const rowsFor = (text: string, least: number): number =>
  Math.max(least, Math.min(MAX_ROWS, text.split('\n').length));

/** The prompts: texts or messages, or many at once from lines. */
export const PromptsFields = ({ draft: { prompts }, change, wrong }: FieldsProps) => {
  const replace = (at: number, ...by: PromptDraft[]): void =>
    change({ prompts: prompts.toSpliced(at, 1, ...by) });
  return (
    <fieldset class="card">
      <legend>Prompts</legend>
      <ol class="prompts">
        {prompts.map((prompt, at) => (
          <li key={at}>
            <PromptFields
              prompt={prompt}
              title={prompts.length === 1 ? 'Prompt' : `Prompt ${at + 1}`}
              wrong={wrong.get(`prompts.${at}`)}
              onChange={(...by) => replace(at, ...by)}
              onRemove={prompts.length > 1 ? () => replace(at) : undefined}
            />
          </li>
        ))}
      </ol>
      <div class="row">
        <button type="button" class="button" onClick={() => change({ prompts: [...prompts, { text: '' }] })}>
          <Icon name="plus" />
          Add a prompt
        </button>
        <span class="small muted">Paste a list to make each of its lines a prompt; 50 at most.</span>
      </div>
      {wrong.has('prompts') && (
        <p class="wrong" role="alert">
          {wrong.get('prompts')}
        </p>
      )}
    </fieldset>
  );
};

const PromptFields = ({
  prompt,
  title,
  wrong,
  onChange,
  onRemove,
}: {
  prompt: PromptDraft;
  title: string;
  wrong: string | undefined;
  onChange: (...by: PromptDraft[]) => void;
  onRemove: (() => void) | undefined;
}) => {
  const lines = 'text' in prompt ? linesAsPrompts(prompt.text) : [];
  return (
    <>
      {'text' in prompt ? (
        <Field label={title} wrong={wrong}>
          {(attributes) => (
            <textarea
              {...attributes}
              dir="auto"
              rows={rowsFor(prompt.text, 2)}
              placeholder="What all settings are asked"
              value={prompt.text}
              onInput={(event) => onChange({ text: event.currentTarget.value })}
            />
          )}
        </Field>
      ) : (
        <MessagesFields
          title={title}
          messages={prompt.messages}
          wrong={wrong}
          onChange={(messages) => onChange({ messages })}
        />
      )}
      <div class="row small">
        {'text' in prompt ? (
          <button
            type="button"
            class="button quiet"
            onClick={() =>
              onChange({
                messages: [
                  { role: 'system', content: '' },
                  { role: 'user', content: prompt.text },
                ],
              })
            }
          >
            As messages
          </button>
        ) : (
          <button
            type="button"
            class="button quiet"
            onClick={() =>
              onChange({ text: prompt.messages.findLast(({ role }) => role === 'user')?.content ?? '' })
            }
          >
            As one text
          </button>
        )}
        {lines.length > 1 && (
          <button type="button" class="button quiet" onClick={() => onChange(...lines)}>
            Make {lines.length} prompts of the lines
          </button>
        )}
        {onRemove && (
          <button
            type="button"
            class="button quiet"
            aria-label={`Remove ${title.toLowerCase()}`}
            onClick={onRemove}
          >
            Remove
          </button>
        )}
      </div>
    </>
  );
};

const MessagesFields = ({
  title,
  messages,
  wrong,
  onChange,
}: {
  title: string;
  messages: Message[];
  wrong: string | undefined;
  onChange: (messages: Message[]) => void;
}) => {
  const replace = (at: number, ...by: Message[]): void => onChange(messages.toSpliced(at, 1, ...by));
  return (
    <fieldset class="messages">
      <legend>{title}</legend>
      {messages.map((message, at) => (
        <div class="message" key={at}>
          <select
            aria-label={`Role of message ${at + 1}`}
            value={message.role}
            onChange={(event) => replace(at, { ...message, role: event.currentTarget.value })}
          >
            {ROLES.map((role) => (
              <option key={role}>{role}</option>
            ))}
          </select>
          <textarea
            dir="auto"
            aria-label={`Text of message ${at + 1}`}
            aria-invalid={wrong !== undefined}
            rows={rowsFor(message.content ?? '', 2)}
            value={message.content}
            onInput={(event) => replace(at, { ...message, content: event.currentTarget.value })}
          />
          <button
            type="button"
            class="button quiet icon-only"
            aria-label={`Remove message ${at + 1}`}
            disabled={messages.length === 1}
            onClick={() => replace(at)}
          >
            <Icon name="trash" />
          </button>
        </div>
      ))}
      {wrong !== undefined && <span class="wrong">{wrong}</span>}
      <div class="row small">
        <button
          type="button"
          class="button quiet"
          onClick={() => onChange([...messages, { role: 'user', content: '' }])}
        >
          Add a message
        </button>
      </div>
    </fieldset>
  );
};
