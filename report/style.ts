import { DARK, LIGHT } from './colours.ts';

/** The style sheet of a report: one scale of type (1.2) and of space (4 px), one accent, light and dark, print. */
export const STYLE = `
:root { color-scheme: light dark; ${LIGHT} }
@media screen and (prefers-color-scheme: dark) { :root { ${DARK} } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 0 24px 64px; max-width: 1000px; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  overflow-wrap: anywhere;
}
header { padding: 40px 0 16px; }
h1, h2, h3, p, ul, ol, dl, dd, figure { margin: 0; }
h1 { font-size: 2.07rem; line-height: 1.2; letter-spacing: -0.015em; font-weight: 700; }
h1.long { font-size: 1.44rem; }
h2 { font-size: 1.44rem; line-height: 1.25; letter-spacing: -0.01em; margin-bottom: 12px; }
h3 { font-size: 1rem; line-height: 1.4; margin: 24px 0 8px; }
section { padding-top: 48px; }
section > p { max-width: 46rem; margin-bottom: 16px; }
ul, ol { padding-left: 20px; }
a { color: var(--accent); }
figcaption, .meta, nav { font-size: 0.833rem; }
.eyebrow { color: var(--muted); font-size: 0.833rem; margin-bottom: 4px; }
.meta, figcaption, .none { color: var(--muted); }
header .meta { margin-top: 8px; }
code, pre { font: 0.875em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
nav { border-block: 1px solid var(--line); padding: 8px 0; }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 16px; list-style: none; padding: 0; }
nav a { text-decoration: none; display: inline-block; padding: 4px 0; }
nav a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }

.summary { font-size: 1.2rem; line-height: 1.45; max-width: 46rem; margin-bottom: 24px; }
.bests { list-style: none; padding: 0; display: grid; grid-template-columns: repeat(2, 1fr); gap: 12px; }
.bests li { background: var(--panel); border-radius: 8px; padding: 16px; }
.bests h3 { margin: 0; font-size: 0.833rem; font-weight: 400; color: var(--muted); }
.best { font-size: 1.2rem; font-weight: 600; display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; margin-bottom: 4px; }
.best + p { font-size: 0.9375rem; }
.best .none { font-weight: 400; }
.badge { font-size: 0.75rem; font-weight: 500; line-height: 1.5; padding: 0 8px; border-radius: 99px; border: 1px solid var(--line); color: var(--muted); white-space: nowrap; }
.badge.clear { background: var(--accent-soft); border-color: transparent; color: var(--accent); }
.setting { display: inline-flex; align-items: baseline; max-width: 100%; font-weight: 600; }
.setting bdi { min-width: 0; overflow-wrap: anywhere; }
.swatch { flex: none; width: 10px; height: 10px; border-radius: 50%; margin-right: 6px; background: currentColor; }
.swatch.shape-1 { border-radius: 1px; }
.swatch.shape-2 { border-radius: 0; clip-path: polygon(50% 0, 100% 100%, 0 100%); }
.swatch.shape-3 { border-radius: 0; clip-path: polygon(50% 0, 100% 50%, 50% 100%, 0 50%); }
${Array.from({ length: 8 }, (_, at) => `.swatch.series-${at} { color: var(--series-${at}); }`).join('\n')}

.scroll { overflow-x: auto; margin: 8px 0; }
small { font-size: 0.85em; }
table { border-collapse: collapse; width: 100%; font-size: 0.9375rem; line-height: 1.4; overflow-wrap: normal; }
th, td { text-align: left; vertical-align: top; padding: 8px 12px 8px 0; border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums; }
th:last-child, td:last-child { padding-right: 0; }
thead th { vertical-align: bottom; font-size: 0.833rem; font-weight: 600; border-bottom-color: var(--muted); }
tbody th { font-weight: 400; white-space: nowrap; }
tbody th .setting { white-space: normal; }
th small, td small { display: block; font-weight: 400; color: var(--muted); white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
tbody th .setting { min-width: 6rem; max-width: 16rem; }
.pair th { padding-top: 20px; font-size: 0.9375rem; }
.pair .setting { min-width: 0; }
.is-clear .number { font-weight: 600; }
.is-clear small { font-weight: 400; }

figure { margin-top: 32px; break-inside: avoid; }
figure h3 { margin: 0 0 8px; }
figcaption { max-width: 46rem; margin-top: 8px; }
.chart { display: block; width: 100%; height: auto; overflow: visible; font-family: inherit; }
.chart text { white-space: pre; font-variant-numeric: tabular-nums; }
.narrow { display: none; }

.facts > div, .definitions > div { display: grid; grid-template-columns: 10rem 1fr; gap: 4px 16px; padding: 8px 0; border-bottom: 1px solid var(--line); }
.definitions > div { grid-template-columns: 14rem 1fr; }
dt { color: var(--muted); }
.definitions dt { color: var(--ink); font-weight: 600; }
.definitions dt code { color: var(--muted); font-weight: 400; display: block; }
.pairs { list-style: none; padding: 0; }
.warning { color: var(--bad); font-size: 0.833rem; }
.prompts li { margin-bottom: 8px; }
.prompts li::marker { color: var(--muted); }
details { margin: 4px 0; }
summary { cursor: pointer; padding: 4px 0; }
.block { border-top: 1px solid var(--line); padding: 4px 0; margin: 0; }
.block summary small { color: var(--muted); margin-left: 8px; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); gap: 16px 24px; padding: 8px 0 16px; }
.column .meta { margin: 0 0 8px; }
.passed { color: var(--good); }
.missed { color: var(--bad); }
.text { white-space: pre-wrap; unicode-bidi: isolate; font-size: 0.9375rem; }
mark { background: var(--mark); color: inherit; border-radius: 2px; }
pre { background: var(--panel); border-radius: 8px; padding: 16px; max-height: 28rem; overflow: auto; white-space: pre-wrap; margin: 8px 0; }
footer { margin-top: 64px; padding-top: 16px; border-top: 1px solid var(--line); color: var(--muted); font-size: 0.833rem; }

@media (max-width: 640px) {
  body { padding: 0 16px 48px; }
  header { padding-top: 24px; }
  h1 { font-size: 1.728rem; }
  h1.long { font-size: 1.2rem; }
  section { padding-top: 40px; }
  .bests { grid-template-columns: 1fr; }
  .wide { display: none; }
  .narrow { display: block; }
  .facts > div, .definitions > div { grid-template-columns: 1fr; gap: 0; }
  tbody th[scope="row"], thead th:first-child { position: sticky; left: 0; background: var(--paper); z-index: 1; }
  tbody th .setting { width: 7rem; min-width: 0; }
  .pair .setting { width: auto; }
  td:not(.number) { min-width: 11rem; }
  td, th { padding-right: 16px; }
}
@media print {
  :root { color-scheme: light; font-size: 10.5pt; }
  body { max-width: none; padding: 0; }
  header { padding-top: 0; }
  nav { display: none; }
  section { padding-top: 24pt; }
  h2, h3, summary { break-after: avoid; }
  tr, li, figure, .column, .facts > div, .definitions > div { break-inside: avoid; }
  thead { display: table-header-group; }
  .scroll { overflow: visible; }
  table { font-size: 0.85rem; }
  th, td { padding: 4pt 6pt 4pt 0; }
  .number, th small, td small { white-space: normal; }
  tbody th .setting { min-width: 0; }
  pre { max-height: none; overflow: visible; }
  details:not([open]).block, .prompt.folded { display: none; }
  .columns { grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); }
  a { color: inherit; text-decoration: none; }
  .wide { display: block; }
  .narrow { display: none; }
}
@page { margin: 16mm 14mm; }
`;
