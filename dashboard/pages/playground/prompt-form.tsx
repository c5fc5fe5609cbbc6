import { Field, Segments } from '../../parts/fields.tsx';
import { Icon } from '../../parts/icon.tsx';
import type { Draft, Message } from './draft.ts';
import type { FieldErrors } from './field-errors.ts';

type Props = { draft: Draft; change: (changes: Partial<Draft>) => void; wrong: FieldErrors };

/** The prompt: one text, or the messages of a conversation. */
export const PromptForm = ({ draft: { mode, prompt, messages }, change, wrong }: Props) => {
  const setMessage = (at: number, changes: Partial<Message>): void =>
    change({
      messages: messages.map((message, place) => (place === at ? { ...message, ...changes } : message)),
    });
  return (
    <section class="card prompt" aria-label="Prompt">
      <Segments<Draft['mode']>
        label="Kind of prompt"
        choices={[
          { value: 'prompt', label: 'Text' },
          { value: 'messages', label: 'Messages' },
        ]}
        value={mode}
        onChange={(value) =>
          change(value === 'messages' ? { mode: value, ...messagesFrom(prompt, messages) } : { mode: value })
        }
      />
      {mode === 'prompt' ? (
        <Field label="Prompt" wrong={wrong.at('prompt')}>
          {(attributes) => (
            <textarea
              {...attributes}
              rows={2}
              value={prompt}
              onInput={({ currentTarget }) => change({ prompt: currentTarget.value })}
            />
          )}
        </Field>
      ) : (
        <ol class="messages">
          {messages.map(({ role, content }, at) => (
            // A message has no name but its place
            <li key={at}>
              <select
                aria-label={`Role of message ${at + 1}`}
                value={role}
                onChange={({ currentTarget }) =>
                  setMessage(at, { role: currentTarget.value as Message['role'] })
                }
              >
                <option>system</option>
                <option>user</option>
                <option>assistant</option>
              </select>
              <Field label={`Message ${at + 1}`} wrong={wrong.at(`messages.${at}.content`)}>
                {(attributes) => (
                  <textarea
                    {...attributes}
                    rows={2}
                    value={content}
                    onInput={({ currentTarget }) => setMessage(at, { content: currentTarget.value })}
                  />
                )}
              </Field>
              <button
                type="button"
                class="button quiet icon-only"
                aria-label={`Remove message ${at + 1}`}
                disabled={messages.length === 1}
                onClick={() => change({ messages: messages.filter((_, place) => place !== at) })}
              >
                <Icon name="close" />
              </button>
            </li>
          ))}
          <li>
            <button
              type="button"
              class="button"
              onClick={() => change({ messages: [...messages, { role: nextRole(messages), content: '' }] })}
            >
              <Icon name="plus" /> Add a message
            </button>
          </li>
        </ol>
      )}
    </section>
  );
};

/** A prompt that was written as a text becomes the first message, where no message is written yet. */
const messagesFrom = (prompt: string, messages: readonly Message[]): Partial<Draft> =>
  messages.every(({ content }) => content === '') ? { messages: [{ role: 'user', content: prompt }] } : {};

const nextRole = (messages: readonly Message[]): Message['role'] =>
  messages.at(-1)?.role === 'user' ? 'assistant' : 'user';
