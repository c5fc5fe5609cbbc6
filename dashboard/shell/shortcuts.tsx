import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { hrefOf } from '../address.ts';
import { go } from '../location.ts';
import { PAGES } from '../pages/pages.ts';
import { Dialog } from '../parts/dialog.tsx';
import { isTyping } from '../parts/typing.ts';

/** The id of the search field in the bar. */
export const SEARCH_ID = 'search-everywhere';

const AFTER_G_MS = 1_200;
const isOpen = signal(false);

/** Keys that work everywhere but in fields: `/` searches, `g` and a letter opens a page, `?` lists them. */
export const Shortcuts = () => {
  useEffect(() => {
    let gAt = Number.NEGATIVE_INFINITY;
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const { key } = event;
      const page = PAGES.find(({ letter }) => letter === key);
      if (page && performance.now() - gAt < AFTER_G_MS) go(hrefOf([page.segment]));
      else if (key === '/') document.getElementById(SEARCH_ID)?.focus();
      else if (key === '?') isOpen.value = true;
      else if (key !== 'g') return;
      gAt = key === 'g' ? performance.now() : Number.NEGATIVE_INFINITY;
      event.preventDefault();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  if (!isOpen.value) return null;
  return (
    <Dialog
      title="Keys"
      onClose={() => {
        isOpen.value = false;
      }}
    >
      <dl class="facts">
        <dt>
          <kbd>/</kbd>
        </dt>
        <dd>search everywhere</dd>
        {PAGES.map(({ letter, title }) => [
          <dt key={`${letter}-keys`}>
            <kbd>g</kbd> <kbd>{letter}</kbd>
          </dt>,
          <dd key={letter}>{title}</dd>,
        ])}
        <dt>
          <kbd>j</kbd> <kbd>k</kbd>
        </dt>
        <dd>from run to run in a list; Enter opens it</dd>
        <dt>
          <kbd>Ctrl</kbd> <kbd>Enter</kbd>
        </dt>
        <dd>run what the playground holds</dd>
        <dt>
          <kbd>←</kbd> <kbd>→</kbd>
        </dt>
        <dd>from token to token; Enter opens the step</dd>
        <dt>
          <kbd>?</kbd>
        </dt>
        <dd>these keys</dd>
      </dl>
    </Dialog>
  );
};
