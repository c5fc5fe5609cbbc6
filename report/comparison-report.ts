import { html, raw } from 'hono/html';
import type { Comparison, ComparisonRequest, ExportRow } from '../client/api-types.ts';
import type { ChartDocument } from './charts/draw-chart.ts';
import { comparisonData } from './comparison-data.ts';
import { counted } from './figures.ts';
import { chartsSection } from './sections/charts.ts';
import {
  costSection,
  differencesSection,
  leftOutSection,
  objectivesSection,
  settingsSection,
} from './sections/figures.ts';
import { definitionsSection, methodSection, questionSection, reproduceSection } from './sections/method.ts';
import { textsSection } from './sections/texts.ts';
import { verdictSection } from './sections/verdict.ts';
import { words } from './setting-name.ts';
import { shownLine } from './shown-text.ts';
import { STYLE } from './style.ts';

export type ReportInput = {
  comparison: Comparison;
  /** The rows of an export of the comparison's runs, with texts. */
  rows: readonly ExportRow[];
  /** The request that began it, where it is known: a comparison keeps everything of it but the checks. */
  request?: ComparisonRequest | undefined;
  /** Where it ran, as a person knows it: `local stack`, `stage prod`. */
  deployment: string;
  /** A document to draw in: a browser's, or linkedom's. */
  document: ChartDocument;
};

const LONG_TITLE = 60;

const CONTENTS = [
  ['verdict', 'Verdict'],
  ['settings', 'Settings'],
  ['question', 'Question'],
  ['charts', 'Charts'],
  ['differences', 'Differences'],
  ['objectives', 'Objectives and checks'],
  ['left-out', 'Left out'],
  ['method', 'Method'],
  ['texts', 'Texts'],
  ['cost', 'Cost'],
  ['definitions', 'Definitions'],
  ['again', 'Do it again'],
] as const;

/**
 * A comparison as one HTML page without scripts and without outside parts: it opens from an e-mail, prints, and its
 * policy lets it load nothing. All texts of others are text in it. Every figure is the API's own.
 */
export const comparisonReport = async (input: ReportInput): Promise<string> => {
  const { comparison, deployment, document } = input;
  const data = comparisonData(input);
  const title =
    shownLine(comparison.name ?? '') || comparison.settings.map(({ label }) => shownLine(label)).join(' or ');
  const page = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="${await policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title} · everytoken comparison</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<header>
<p class="eyebrow">everytoken · comparison</p>
<h1${title.length > LONG_TITLE ? html` class="long"` : ''}>${words(title)}</h1>
<p class="meta">${counted(comparison.settings.length, 'setting')} · ${counted(comparison.prompts, 'prompt')} · ${counted(comparison.samples, 'sample')} · ${counted(comparison.progress.completed, 'answer')} · <time datetime="${comparison.created_at}">${comparison.created_at.slice(0, 10)}</time> · <code>${comparison.id}</code></p>
</header>
<nav aria-label="Contents"><ul>${CONTENTS.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
<main>
${verdictSection(data)}
${settingsSection(data)}
${questionSection(data)}
${chartsSection(data, document)}
${differencesSection(data)}
${objectivesSection(data)}
${leftOutSection(data)}
${methodSection(data, { deployment })}
${textsSection(data)}
${costSection(data)}
${definitionsSection()}
${reproduceSection(data)}
</main>
<footer><p>Made by everytoken from comparison <code>${comparison.id}</code>. Every figure is as the API reports it.</p></footer>
</body>
</html>
`;
  return page.toString();
};

/** Allows this page's own style sheet, and nothing else. */
const policy = async (): Promise<string> => {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(STYLE)));
  return `default-src 'none'; style-src 'sha256-${btoa(String.fromCharCode(...hash))}'; base-uri 'none'; form-action 'none'`;
};
