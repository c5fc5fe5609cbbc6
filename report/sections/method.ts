import { html } from 'hono/html';
import type { ComparedSetting, Comparison } from '../../client/api-types.ts';
import type { ComparisonData, Prompt } from '../comparison-data.ts';
import { dataTable } from '../data-table.ts';
import { counted, FIGURES } from '../figures.ts';
import { type Html, placeOf, sentence, settingName, words } from '../setting-name.ts';
import { shownLine, shownText } from '../shown-text.ts';

const LONG_PROMPT = 600;

/** The prompts that were asked. */
export const questionSection = ({
  comparison,
  prompts,
}: ComparisonData): Html => html`<section aria-labelledby="question">
<h2 id="question">Question</h2>
<p>${questionOf(comparison)}</p>
<ol class="prompts">${prompts.map((prompt) => html`<li>${promptText(prompt)}</li>`)}</ol>
</section>`;

const questionOf = ({ settings, prompts }: Comparison): string => {
  const on = prompts === 1 ? 'this prompt' : `these ${prompts} prompts`;
  return settings.length === 1
    ? `The speed, cost, diversity and pass rate of one setting on ${on}.`
    : `How do ${settings.length} settings differ in speed, cost, diversity and pass rate on ${on}?`;
};

const promptText = ({ text, messages }: Prompt): Html => {
  const whole =
    messages === null
      ? (text ?? 'not kept any more: its runs were deleted')
      : messages.map(({ role, content }) => `${role}: ${content}`).join('\n');
  const shown = shownText(whole);
  if (shown.length <= LONG_PROMPT) return html`<div class="text" dir="auto">${shown}</div>`;
  return html`<details><summary>${shownLine(whole).slice(0, 120)}… (${counted(shown.length, 'character')})</summary><div class="text" dir="auto">${shown}</div></details>`;
};

/** How it was measured. */
export const methodSection = (data: ComparisonData, { deployment }: { deployment: string }): Html => {
  const { comparison, answers } = data;
  const { settings, samples, progress, created_at, wall_time_ms, warm_up, notes, stopped } = comparison;
  const answered = [...new Set(answers.flatMap(({ model }) => model ?? []))].toSorted();
  const facts: [string, Html | string][] = [
    [
      'Design',
      `${counted(comparison.prompts, 'prompt')} × ${counted(samples, 'sample')} = ${counted(progress.blocks, 'block')}; each block is one prompt with every setting once: ${counted(progress.generations, 'answer')} in all`,
    ],
    [
      'Order',
      'Blocks in random order, and settings in random order within each, so that drift affects all alike',
    ],
    [
      'Load',
      'The answers of a block run at the same time, at most 8 at once, and several blocks side by side: times hold under this load',
    ],
    [
      'Warm-up',
      `${counted(warm_up.runs, 'request')}, one to each model, three seconds ahead; in none of the figures`,
    ],
    [
      'When',
      html`<time datetime="${created_at}">${created_at.replace('T', ' ').slice(0, 19)} UTC</time>${wall_time_ms === null ? '' : `, ${(wall_time_ms / 1000).toFixed(1)} s from the first dispatch to the last end`}`,
    ],
    ['Where', words(deployment)],
    [
      'Models that answered',
      answered.length === 0
        ? 'not known'
        : html`${answered.map((model, at) => html`${at > 0 ? ', ' : ''}<code>${shownLine(model)}</code>`)}`,
    ],
    ...(stopped ? [['Stopped', `${stopped.code} at ${stopped.at}`] as [string, string]] : []),
  ];
  return html`<section aria-labelledby="method">
<h2 id="method">Method</h2>
<dl class="facts">${facts.map(([term, fact]) => html`<div><dt>${term}</dt><dd>${fact}</dd></div>`)}</dl>
<h3>Settings as asked for, and as the server applied them</h3>
${dataTable<ComparedSetting>(
  'Settings as asked for and as applied',
  [
    { title: 'Setting', cell: ({ label }, at) => settingName(label, at) },
    { title: 'Model', cell: ({ model }) => html`<code>${shownLine(model)}</code>`, left: true },
    { title: 'Asked for', cell: ({ requested }) => fieldsOf(requested), left: true },
    { title: 'Applied', cell: (setting) => applied(setting, settings), left: true },
  ],
  settings,
)}
${notes.length === 0 ? '' : html`<h3>Notes of the API</h3><ul>${notes.map((note) => html`<li>${sentence(note)}</li>`)}</ul>`}
</section>`;
};

const applied = ({ sampling, same_as }: ComparedSetting, settings: readonly ComparedSetting[]): Html =>
  html`${
    sampling === null ? 'not known' : fieldsOf(sampling.effective)
  }${(sampling?.warnings ?? []).map((warning) => html`<p class="warning">${sentence(warning)}</p>`)}${
    same_as === null
      ? ''
      : html`<p class="warning">Came to the same request as ${settingName(same_as, placeOf(settings, same_as))}, so it is not compared.</p>`
  }`;

const fieldsOf = (fields: { [name: string]: unknown }): Html | string => {
  const entries = Object.entries(fields);
  if (entries.length === 0) return 'nothing';
  return html`<ul class="pairs">${entries.map(([name, value]) => html`<li><code>${shownLine(name)}</code> ${value === null ? html`<em>not applied, or not known to be</em>` : shownLine(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))}</li>`)}</ul>`;
};

/** The definition of each figure. */
export const definitionsSection = (): Html => html`<section aria-labelledby="definitions">
<h2 id="definitions">Definitions</h2>
<p>All times are milliseconds on one monotonic clock, read when bytes arrive from the model server. A dash is a figure that is not known.</p>
<dl class="definitions">${FIGURES.map(({ title, name, definition }) => html`<div><dt>${title} <code>${name}</code></dt><dd>${definition}</dd></div>`)}
<div><dt>95% interval</dt><dd>Of a median: two of its values that enclose the true median in 95% of the cases, whatever the distribution; from 6 values on. Means have none: a single outlier can move them anywhere.</dd></div>
<div><dt>Block</dt><dd>One prompt with every setting once. Settings are compared within blocks.</dd></div></dl>
</section>`;

/** How to ask for the same again. */
export const reproduceSection = ({ request, isRebuilt, comparison }: ComparisonData): Html => {
  const hasChecks = comparison.settings.some(({ pass_rate }) => pass_rate !== null);
  return html`<section aria-labelledby="again">
<h2 id="again">Do it again</h2>
<p>Save this as <code>matrix.json</code> and run <code>everytoken compare matrix.json --html report.html</code>. It is the body of <code>POST /comparisons</code>, too.
Its order of blocks will be another one, and models answer differently each time.${isRebuilt && hasChecks ? ' Its checks are not kept with a comparison: add them.' : ''}</p>
<details open><summary>matrix.json</summary><pre tabindex="0" aria-label="matrix.json">${shownText(JSON.stringify(request, null, 2))}</pre></details>
<p>This comparison: <code>everytoken compare show ${comparison.id} --json</code>. Its runs: <code>everytoken runs --metadata comparison=${comparison.id}</code>.</p>
</section>`;
};
