import { useState } from 'preact/hooks';
import { Icon } from './icon.tsx';

const SHOWN_MS = 1_500;

/** A page that came by plain http from another machine has no clipboard: its absence is a refusal, too. */
const write = async (text: string): Promise<void> => await navigator.clipboard.writeText(text);

/** Copies a text. Says for a moment that it has, or that the browser refuses. */
export const Copy = ({ text, label }: { text: () => string; label: string }) => {
  const [said, setSaid] = useState<string | undefined>(undefined);
  const copy = async (): Promise<void> => {
    const isCopied = await write(text()).then(
      () => true,
      () => false,
    );
    setSaid(isCopied ? 'Copied' : 'Refused by the browser');
    setTimeout(() => setSaid(undefined), SHOWN_MS);
  };
  return (
    <button type="button" class="button" onClick={copy}>
      <Icon name="copy" />
      <span class="copy-words">
        {/* Keeps its room, so that the buttons beside it stay where they are. */}
        <span class={said === undefined ? undefined : 'gone'} aria-hidden={said !== undefined}>
          {label}
        </span>
        <span aria-live="polite">{said}</span>
      </span>
    </button>
  );
};
