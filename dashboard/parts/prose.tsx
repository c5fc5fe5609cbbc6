import { useEffect, useState } from 'preact/hooks';
import { shownText } from '../../report/shown-text.ts';

/** More characters than anyone reads at once; a browser lays out a line of a million slowly. */
const FIRST_CHARACTERS = 20_000;

/** Someone else's text, as text: never markup, its direction its own, its beginning first where it is very long. */
export const Text = ({ text }: { text: string }) => {
  const [isWhole, setWhole] = useState(false);
  const isCut = !isWhole && text.length > FIRST_CHARACTERS;
  return (
    <>
      <div class="text" dir="auto">
        {shownText(isCut ? text.slice(0, FIRST_CHARACTERS) : text)}
        {isCut && '…'}
      </div>
      {isCut && (
        <button type="button" class="button" onClick={() => setWhole(true)}>
          Show all {text.length.toLocaleString('en-US')} characters
        </button>
      )}
    </>
  );
};

/** The same with its Markdown rendered, sanitised. Falls back to the text while the renderer loads. */
export const Markdown = ({ text }: { text: string }) => {
  const [html, setHtml] = useState<string | undefined>(undefined);
  useEffect(() => {
    let isWanted = true;
    if (text.length <= FIRST_CHARACTERS)
      import('./markdown.ts')
        .then(({ safeHtml }) => {
          if (isWanted) setHtml(safeHtml(shownText(text)));
        })
        // A thousand quotations within each other are more than the renderer takes; they stay text.
        .catch(() => undefined);
    return () => {
      isWanted = false;
      setHtml(undefined);
    };
  }, [text]);
  if (html === undefined) return <Text text={text} />;
  // DOMPurify has sanitised it.
  return <div class="markdown" dir="auto" dangerouslySetInnerHTML={{ __html: html }} />;
};
