import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { apiKey, isKeyWanted, useKey } from '../api.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/fields.tsx';

/** Whether the reader asked for the dialog; it also opens when the API asks for a key. */
export const isKeyDialogOpen = signal(false);

/** Asks for the API key, which stays in this tab alone. */
export const KeyDialog = () => {
  const [wrong, setWrong] = useState<string | undefined>(undefined);
  if (isKeyWanted.value === undefined && !isKeyDialogOpen.value) return null;
  const close = (): void => {
    setWrong(undefined);
    isKeyDialogOpen.value = false;
    isKeyWanted.value = undefined;
  };
  const forget = (): void => {
    close();
    useKey('');
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement).get('key');
    const key = typeof given === 'string' ? given.trim() : '';
    // A browser sends no other characters in a header, and would name the network as the reason.
    if (!/^[!-~]*$/.test(key)) {
      setWrong('A key has letters, digits and signs of ASCII alone: copy it again.');
      return;
    }
    close();
    useKey(key);
  };
  return (
    <Dialog title="API key" onClose={close}>
      <form class="stack" onSubmit={submit}>
        <p class="muted">
          {isKeyWanted.value === 'missing' && 'This API asks for a key. '}
          {isKeyWanted.value === 'refused' && 'The API does not accept the present key here. '}
          An operator makes one with <code>everytoken keys add NAME</code>. It is kept until you close this
          tab, and sent to this API alone.
        </p>
        <Field label="Key" wrong={wrong}>
          {(attributes) => (
            <input
              {...attributes}
              name="key"
              type="password"
              autoComplete="off"
              defaultValue={apiKey.value}
            />
          )}
        </Field>
        <div class="row">
          <button type="submit" class="button primary">
            Use this key
          </button>
          {apiKey.value !== '' && (
            <button type="button" class="button" onClick={forget}>
              Forget it
            </button>
          )}
        </div>
      </form>
    </Dialog>
  );
};
