import { useMemo, useState } from 'preact/hooks';
import type { Run } from '../../../client/index.ts';
import { shownText } from '../../../report/shown-text.ts';
import { Copy } from '../../parts/copy.tsx';
import { Section } from '../../parts/section.tsx';

/** A browser lays out so many characters in a moment; a run may have millions. */
const STEP = 50_000;

/** The run as the API answers it, a part at a time. */
export const Raw = ({ run }: { run: Run }) => {
  const json = useMemo(() => JSON.stringify(run, null, 2), [run]);
  const [shown, setShown] = useState(STEP);
  const rest = json.length - shown;
  return (
    <Section
      title="JSON"
      beside={
        <>
          <span class="muted small">{json.length.toLocaleString('en-US')} characters</span>
          <div class="end">
            <Copy label="Copy" text={() => json} />
          </div>
        </>
      }
    >
      <pre class="raw card">{shownText(json.slice(0, shown))}</pre>
      {rest > 0 && (
        <p class="more-outputs">
          <button type="button" class="button" onClick={() => setShown(shown + STEP)}>
            Show {Math.min(STEP, rest).toLocaleString('en-US')} of {rest.toLocaleString('en-US')} further
            characters
          </button>
        </p>
      )}
    </Section>
  );
};
