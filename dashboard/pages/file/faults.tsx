import type { PromptFile } from '../../../client/index.ts';
import { shownLine } from '../../../report/shown-text.ts';
import { linesText, reasonOfLines } from '../../files/reasons.ts';
import { countText } from '../../files/words.ts';

/** The lines without text by the reason: what it means, which lines, and what to do. Nothing where there are none. */
export const Faults = ({ file }: { file: PromptFile }) => {
  const { errors, counts, dry_run } = file;
  if (errors.length === 0)
    return counts.failed === 0 ? null : (
      <section class="card" aria-label="Failed rows">
        <h2>{countText(counts.failed, 'row')} without an answer</h2>
        <p class="muted">The results have the reason of each.</p>
      </section>
    );
  return (
    <section class="card faults" aria-label="Failed rows">
      <header>
        <h2>
          {countText(counts.failed, 'row')} {dry_run ? 'refused' : 'without an answer'}
        </h2>
      </header>
      <ul>
        {errors.map(({ code, count, lines }) => {
          const { what, remedy } = reasonOfLines(code);
          return (
            <li key={code}>
              <p>
                <b class="number">{linesText(lines, count)}</b>: {what}{' '}
                <code class="muted">{shownLine(code)}</code>
              </p>
              <p class="muted">{remedy}</p>
            </li>
          );
        })}
      </ul>
    </section>
  );
};
