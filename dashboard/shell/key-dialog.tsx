import { signal } from '@preact/signals';
import { apiKey, isKeyWanted, useKey } from '../api.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/fields.tsx';

/** Whether the reader asked for the dialog; it also opens when the API asks for a key. */
export const isKeyDialogOpen = signal(false);

/** Asks for the API key, which stays in this tab alone. */
export const KeyDialog = () => {
  if (isKeyWanted.value === undefined && !isKeyDialogOpen.value) return null;
  const close = (): void => {
    isKeyDialogOpen.value = false;
    isKeyWanted.value = undefined;
  };
  const forget = (): void => {
    close();
    useKey('');
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const key = new FormData(event.currentTarget as HTMLFormElement).get('key');
    isKeyDialogOpen.value = false;
    useKey(typeof key === 'string' ? key.trim() : '');
  };
  return (
    <Dialog title="API key" onClose={close}>
      <form class="stack" onSubmit={submit}>
        <p class="muted">
          {isKeyWanted.value === 'missing'
            ? apiKey.value === ''
              ? 'This API asks for a key. '
              : 'The API does not know this key. '
            : ''}
          An operator makes one with <code>everytoken keys add NAME</code>. It is kept until you close this
          tab, and sent to this API alone.
        </p>
        <Field label="Key">
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
