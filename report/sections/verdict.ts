import { html } from 'hono/html';
import type { ComparedSetting, Verdict } from '../../client/api-types.ts';
import type { ComparisonData } from '../comparison-data.ts';
import { summaryText } from '../comparison-words.ts';
import { counted } from '../figures.ts';
import { type Html, placeOf, sentence, settingName } from '../setting-name.ts';

const BESTS = [
  ['fastest', 'Fastest'],
  ['cheapest', 'Cheapest'],
  ['most_diverse', 'Most diverse'],
  ['most_often_right', 'Most often right'],
] as const;

type Best = Verdict['fastest'];

/** The verdict in the API's own sentences. */
export const verdictSection = ({ comparison }: ComparisonData): Html => {
  const { verdict, settings } = comparison;
  const summary = html`<p class="summary">${sentence(summaryText(comparison))}</p>`;
  if (verdict === null)
    return html`<section aria-labelledby="verdict"><h2 id="verdict">Verdict</h2>${summary}</section>`;
  return html`<section aria-labelledby="verdict">
<h2 id="verdict">Verdict</h2>
${summary}
${settings.length < 2 ? '' : html`<ul class="bests">${BESTS.map(([key, title]) => bestOf(title, verdict[key], settings))}</ul>`}
${verdict.beaten.length === 0 ? '' : html`<h3>Beaten</h3><ul>${verdict.beaten.map((each) => html`<li>${sentence(each.sentence)}</li>`)}</ul>`}
${
  verdict.untold.length === 0
    ? ''
    : html`<details><summary>${counted(verdict.untold.length, 'pair')} not told apart, and what would tell ${verdict.untold.length === 1 ? 'it' : 'them'}</summary>
<ul>${verdict.untold.map((each) => html`<li>${sentence(each.sentence)}</li>`)}</ul></details>`
}
</section>`;
};

const bestOf = (
  title: string,
  { label, clear, sentence: words }: Best,
  settings: readonly ComparedSetting[],
): Html => html`<li>
<h3>${title}</h3>
<p class="best">${
  label === null
    ? html`<span class="none">none</span>`
    : html`${settingName(label, placeOf(settings, label))} <span class="badge${clear ? ' clear' : ''}">${clear ? 'clear' : 'not clear'}</span>`
}</p>
<p>${sentence(words)}</p>
</li>`;
