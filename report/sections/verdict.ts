import { html } from 'hono/html';
import type { ComparisonData } from '../comparison-data.ts';
import { counted } from '../figures.ts';
import { type Html, placeOf, settingName, words } from '../setting-name.ts';

const BESTS = [
  ['fastest', 'Fastest'],
  ['cheapest', 'Cheapest'],
  ['most_diverse', 'Most diverse'],
  ['most_often_right', 'Most often right'],
] as const;

/** The verdict in the API's own sentences. */
export const verdictSection = ({ comparison }: ComparisonData): Html => {
  const { verdict, settings, error, status, progress } = comparison;
  if (verdict === null) {
    const summary =
      error === null
        ? `There is no verdict yet: ${progress.done} of ${counted(progress.blocks, 'block')} are done, and the status is ${status}.`
        : `There is no verdict: ${error.message}`;
    return html`<section aria-labelledby="verdict"><h2 id="verdict">Verdict</h2><p class="summary">${words(summary)}</p></section>`;
  }
  return html`<section aria-labelledby="verdict">
<h2 id="verdict">Verdict</h2>
<p class="summary">${words(verdict.summary)}</p>
<ul class="bests">${BESTS.map(([key, title]) => {
    const best = verdict[key];
    return html`<li>
<h3>${title}</h3>
<p class="best">${best.label === null ? html`<span class="none">no one</span>` : settingName(best.label, placeOf(settings, best.label))}
${best.label === null ? '' : html`<span class="badge${best.clear ? ' clear' : ''}">${best.clear ? 'clear' : 'not clear'}</span>`}</p>
<p>${words(best.sentence)}</p>
</li>`;
  })}</ul>
${verdict.beaten.length === 0 ? '' : html`<h3>Beaten</h3><ul>${verdict.beaten.map(({ sentence }) => html`<li>${words(sentence)}</li>`)}</ul>`}
${
  verdict.untold.length === 0
    ? ''
    : html`<details><summary>${counted(verdict.untold.length, 'pair')} not told apart, and what would tell ${verdict.untold.length === 1 ? 'it' : 'them'}</summary>
<ul>${verdict.untold.map(({ sentence }) => html`<li>${words(sentence)}</li>`)}</ul></details>`
}
</section>`;
};
