import { useEffect, useRef, useState } from 'preact/hooks';
import { ACCEPTED } from '../../files/formats.ts';
import { Icon } from '../../parts/icon.tsx';

/** Takes files: dropped anywhere on the page, pasted, or chosen by the button. A pasted text becomes a .txt. */
export const DropZone = ({ onFiles }: { onFiles: (files: File[]) => void }) => {
  const input = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const latest = useRef(onFiles);
  latest.current = onFiles;
  useEffect(() => {
    const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes('Files') ?? false;
    const over = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault(); // else the browser opens the file in place of the page
      setOver(true);
    };
    const leave = ({ relatedTarget }: DragEvent): void => {
      if (relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      latest.current([...(event.dataTransfer?.files ?? [])]);
    };
    const paste = (event: ClipboardEvent): void => {
      const { target, clipboardData } = event;
      if (target instanceof Element && target.closest('input, textarea, dialog')) return;
      const files = [...(clipboardData?.files ?? [])];
      const text = clipboardData?.getData('text/plain') ?? '';
      if (files.length === 0 && text.trim() !== '') files.push(new File([text], 'pasted.txt'));
      if (files.length > 0) latest.current(files);
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    addEventListener('paste', paste);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
      removeEventListener('paste', paste);
    };
  }, []);
  return (
    <section class={`drop-zone${isOver ? ' over' : ''}`} aria-label="Add files">
      <Icon name="files" />
      <p>
        <b>Drop files of prompts here</b>, paste them, or{' '}
        <button type="button" class="button" onClick={() => input.current?.click()}>
          Choose files
        </button>
      </p>
      <p class="muted small">
        A table (.csv), requests (.jsonl, .json, or a file for OpenAI’s Batch API), one prompt (.txt, .md).
        Nothing is generated before you say so.
      </p>
      <input
        ref={input}
        type="file"
        multiple
        accept={ACCEPTED}
        hidden
        aria-label="Files of prompts"
        onChange={({ currentTarget }) => {
          latest.current([...(currentTarget.files ?? [])]);
          currentTarget.value = ''; // the same file may be chosen again
        }}
      />
    </section>
  );
};
