import { useEffect, useRef, useState } from 'preact/hooks';
import { summaryText } from '../../../report/comparison-words.ts';
import { shownLine } from '../../../report/shown-text.ts';
import { apiKey, everytoken } from '../../api.ts';

/** So many verdicts are read at once. */
const AT_ONCE = 3;

/** The verdicts of ended comparisons, which never change, by key and id. */
const known = new Map<string, string>();
const waiting: (() => Promise<void>)[] = [];
let busy = 0;

const runNext = (): void => {
  if (busy >= AT_ONCE) return;
  const work = waiting.shift();
  if (!work) return;
  busy++;
  void work().finally(() => {
    busy--;
    runNext();
  });
};

/** The verdict of an ended comparison in a sentence. The list has none, so it is read once the line is in sight. */
export const VerdictLine = ({ id }: { id: string }) => {
  const key = `${apiKey.value} ${id}`;
  const [summary, setSummary] = useState(known.get(key));
  const place = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    const kept = known.get(key);
    setSummary(kept);
    if (kept !== undefined || !place.current) return;
    const aborter = new AbortController();
    const read = async (): Promise<void> => {
      if (aborter.signal.aborted) return;
      try {
        const comparison = await everytoken().comparisons.get(
          id,
          { texts: 'false' },
          { signal: aborter.signal },
        );
        known.set(key, summaryText(comparison));
        setSummary(known.get(key));
      } catch {
        if (!aborter.signal.aborted) setSummary('The verdict could not be read.');
      }
    };
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      waiting.push(read);
      runNext();
    });
    observer.observe(place.current);
    return () => {
      observer.disconnect();
      aborter.abort();
    };
  }, [key]);
  return (
    <p ref={place} class="verdict-line">
      {summary === undefined ? <span class="muted">…</span> : <bdi>{shownLine(summary)}</bdi>}
    </p>
  );
};
