import { html } from 'hono/html';
import type { ComparedSetting } from '../../client/api-types.ts';
import type { Answer, ComparisonData, Prompt } from '../comparison-data.ts';
import { counted, dollars, figureOf, withUnit } from '../figures.ts';
import { grouped } from '../grouped.ts';
import { type Html, settingName, words } from '../setting-name.ts';
import { shownLine, shownText } from '../shown-text.ts';
import { differingWords } from '../word-differences.ts';

/** Blocks that are shown unfolded, each of another prompt. */
const UNFOLDED = 10;

/** The answers in columns, prompt by prompt and block by block. */
export const textsSection = (data: ComparisonData): Html => {
  const { comparison, prompts, answers } = data;
  const ofPrompts = grouped(answers, ({ promptAt }) => promptAt);
  return html`<section aria-labelledby="texts">
<h2 id="texts">Texts</h2>
<p>One row for each block: the answers of all settings to a prompt, asked at the same time. ${markedText(comparison.settings)} Folded texts are not printed.</p>
${prompts.map((prompt) => promptTexts(prompt, ofPrompts.get(prompt.at) ?? [], comparison.settings))}
</section>`;
};

const markedText = ([first, second]: readonly ComparedSetting[]): Html =>
  first && second
    ? html`Words that differ from ${settingName(first.label, 0)} are <mark>marked</mark>, and in its own column those that differ from ${settingName(second.label, 1)}; texts that have less than a third in common have no marks.`
    : html``;

const promptTexts = (
  prompt: Prompt,
  answers: readonly Answer[],
  settings: readonly ComparedSetting[],
): Html => {
  const blocks = [...grouped(answers, ({ block }) => block)];
  const isOpen = prompt.at < UNFOLDED;
  return html`<div class="prompt${isOpen ? '' : ' folded'}"><h3>Prompt ${prompt.at + 1}: ${headingOf(prompt)}</h3>
${blocks.map(
  ([block, own], sample) =>
    html`<details class="block"${isOpen && sample === 0 ? html` open` : ''}><summary>Sample ${sample + 1} <small>block ${block}</small></summary>
<div class="columns">${settings.map((setting, at) => column(setting, at, own, settings))}</div></details>`,
)}</div>`;
};

const headingOf = ({ text, messages }: Prompt): Html => {
  const line = shownLine(text ?? messages?.at(-1)?.content ?? 'deleted');
  return html`<bdi>${line.length > 90 ? `${line.slice(0, 89)}…` : line}</bdi>`;
};

const column = (
  { label }: ComparedSetting,
  at: number,
  own: readonly Answer[],
  settings: readonly ComparedSetting[],
): Html => {
  const answer = own.find((each) => each.label === label);
  const otherLabel = settings[at === 0 ? 1 : 0]?.label;
  const other = own.find((each) => each.label === otherLabel)?.text;
  return html`<div class="column"><p class="head">${settingName(label, at)}</p>${answer ? answerText(answer, other ?? null) : html`<p class="none">no answer: its run is not kept, or did not begin</p>`}</div>`;
};

const answerText = (answer: Answer, other: string | null): Html => {
  const { status, text, error_code, error_message, checks_passed, finish_reason } = answer;
  if (status !== 'completed')
    return html`<p class="none">failed: <code>${shownLine(error_code ?? 'unknown')}</code> ${error_message === null ? '' : words(error_message)}</p>`;
  const figures = [
    `${withUnit(figureOf('ttft_ms'), answer.ttft_ms)} to first`,
    `${withUnit(figureOf('tpot_ms'), answer.tpot_ms)} a token`,
    answer.completion_tokens === null ? '' : counted(answer.completion_tokens, 'token'),
    answer.cost_usd === null ? '' : dollars(answer.cost_usd),
    finish_reason === 'length' ? 'cut at max_tokens' : '',
    answer.cold_start === true ? 'cold start' : '',
  ].filter((piece) => piece !== '');
  return html`<p class="meta">${figures.join(' · ')}${checks_passed === null ? '' : html` · <span class="${checks_passed ? 'passed' : 'missed'}">${checks_passed ? '✓ passes' : '✗ fails'}</span>`}</p>
${text === null ? html`<p class="none">its text is not kept</p>` : html`<div class="text" dir="auto">${marked(text, other)}</div>`}`;
};

const marked = (text: string, other: string | null): Html | string => {
  const shown = shownText(text);
  if (shown === '') return html`<span class="none">an empty text</span>`;
  if (other === null) return shown;
  return html`${differingWords(shown, shownText(other)).map(({ text: piece, differs }) => (differs ? html`<mark>${piece}</mark>` : piece))}`;
};
