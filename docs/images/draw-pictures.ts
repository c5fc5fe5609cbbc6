/**
 * Draws the pictures of docs/metrics.md from a model step and a run of the local stack. While `npm start` runs:
 *   node docs/images/draw-pictures.ts [stack.json]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import OpenAI from 'openai';
import type { Trace } from '../../lib/runs/generation.ts';
import type { RunView } from '../../lib/runs/view.ts';

const stack = JSON.parse(readFileSync(process.argv[2] ?? '.everytoken/stack.json', 'utf8'));
const PROMPT = 'Explain vector databases in a technical manner.';
const INK = '#0f172a';
const SOFT = '#475569';
const BLUE = '#6366f1';
const ORANGE = '#f97316';
const GREEN = '#10b981';

type Candidate = { token: string; probability: number };

/**
 * A step with many candidates: from the third token on, the first whose best candidate has a probability below 0.33.
 */
const stepOfTheModel = async (): Promise<{ before: string; candidates: Candidate[] }> => {
  const client = new OpenAI({ baseURL: stack.openai, apiKey: stack.credentials.openai ?? '' });
  const answer = await client.chat.completions.create({
    model: 'everytoken-ngram',
    messages: [{ role: 'user', content: PROMPT }],
    max_tokens: 40,
    temperature: 0.5,
    seed: 4,
    logprobs: true,
    top_logprobs: 20,
  });
  const steps = answer.choices[0]?.logprobs?.content ?? [];
  const at = steps.findIndex(
    ({ top_logprobs }, index) => index > 1 && Math.exp(top_logprobs[0]?.logprob ?? 0) < 0.33,
  );
  return {
    before: steps
      .slice(0, at)
      .map(({ token }) => token)
      .join(''),
    candidates: (steps[at]?.top_logprobs ?? []).map(({ token, logprob }) => ({
      token,
      probability: Math.exp(logprob),
    })),
  };
};

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const text = (x: number, y: number, content: string, attributes = ''): string =>
  `<text x="${x}" y="${y}" fill="${SOFT}" ${attributes}>${escaped(content)}</text>`;

const svg = (width: number, height: number, title: string, parts: string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="${escaped(title)}">`,
    `<rect width="${width}" height="${height}" rx="10" fill="#f8fafc"/>`,
    text(24, 32, title, `font-size="16" font-weight="600" style="fill:${INK}"`),
    ...parts,
    '</svg>\n',
  ].join('\n');

const drawStep = ({ before, candidates }: { before: string; candidates: Candidate[] }): string => {
  const topK = 5;
  const topP = 0.8;
  const row = 24;
  const top = 84;
  const scale = 560 / (candidates[0]?.probability ?? 1);
  let sum = 0;
  const cumulative = candidates.map(({ probability }) => {
    sum += probability;
    return sum;
  });
  const nucleus = cumulative.findIndex((share) => share >= topP) + 1;
  const bars = candidates.map(({ token, probability }, at) => {
    const y = top + at * row;
    const colour = at < topK ? BLUE : at < nucleus ? '#a5b4fc' : '#cbd5e1';
    return [
      text(150, y + 15, token.trim() || JSON.stringify(token), `text-anchor="end" style="fill:${INK}"`),
      `<rect x="162" y="${y + 3}" width="${Math.max(1, probability * scale)}" height="16" rx="3" fill="${colour}"/>`,
      text(170 + probability * scale, y + 15, `${(probability * 100).toFixed(1)} %`),
      text(896, y + 15, `${((cumulative[at] ?? 0) * 100).toFixed(0)} %`, 'text-anchor="end"'),
    ].join('');
  });
  const cut = (after: number, colour: string, label: string) =>
    `<line x1="40" x2="896" y1="${top + after * row}" y2="${top + after * row}" stroke="${colour}" stroke-width="1.5" stroke-dasharray="5 4"/>` +
    text(600, top + after * row - 6, label, `style="fill:${colour}" font-weight="600"`);
  return svg(920, top + candidates.length * row + 44, `One step: what may follow “${before.trim()}”`, [
    text(24, 58, 'probability of each candidate, at temperature 1'),
    text(896, 58, 'added up', 'text-anchor="end"'),
    ...bars,
    cut(topK, BLUE, `top-k ${topK} keeps what is above`),
    cut(nucleus, ORANGE, `top-p ${topP} keeps what is above`),
    text(
      24,
      top + candidates.length * row + 26,
      'Then the next token is drawn from what was kept. A lower temperature makes tall bars taller before the cut.',
    ),
  ]);
};

const streamedRun = async (): Promise<{ run: RunView; trace: Trace }> => {
  const body = { prompt: PROMPT, max_tokens: 60, temperature: 0.5, top_k: 40, index: false };
  const post = () =>
    fetch(`${stack.api}/runs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  await post(); // The first run includes cold starts.
  const run = (await (await post()).json()) as RunView;
  const trace = (await (await fetch(`${stack.api}/runs/${run.id}/generations/0/trace`)).json()) as Trace;
  return { run, trace };
};

const drawTimeline = ({ run, trace }: { run: RunView; trace: Trace }): string => {
  const { marks, chunks } = trace;
  const timing = run.generations[0]?.timing;
  const end = marks.tE ?? 1;
  const x = (ms: number) => 40 + (ms / end) * 840;
  const ticks = chunks.map(
    ({ t_ms }) =>
      `<line x1="${x(t_ms)}" x2="${x(t_ms)}" y1="120" y2="150" stroke="${BLUE}" stroke-width="2"/>`,
  );
  const mark = (name: string, ms: number | null, y: number, anchor = 'middle') =>
    ms === null
      ? ''
      : `<line x1="${x(ms)}" x2="${x(ms)}" y1="${y + 6}" y2="160" stroke="${SOFT}" stroke-width="1"/>${text(x(ms), y, name, `text-anchor="${anchor}" font-style="italic"`)}`;
  const span = (from: number, to: number, y: number, colour: string, label: string) =>
    `<rect x="${x(from)}" y="${y}" width="${Math.max(2, x(to) - x(from))}" height="8" rx="4" fill="${colour}"/>${text(x(from), y + 26, label)}`;
  const first = marks.t1 ?? 0;
  const last = marks.tL ?? end;
  const seconds = Array.from({ length: Math.floor(end / 100) + 1 }, (_, at) => at * 100);
  return svg(920, 330, 'One stream: a tick for each chunk, when its bytes arrived', [
    `<line x1="40" x2="880" y1="150" y2="150" stroke="${SOFT}"/>`,
    ...ticks,
    ...seconds
      .filter((ms) => ms % 200 === 0)
      .map((ms) => text(x(ms), 172, `${ms} ms`, 'text-anchor="middle" font-size="11"')),
    mark('t0 sent', 0, 74, 'start'),
    mark('t1 first token', marks.t1, 90, 'start'),
    mark('tL last token', marks.tL, 74, 'end'),
    mark('tE end', marks.tE, 104, 'end'),
    span(0, first, 196, ORANGE, `time to first token, ttft_ms = ${timing?.ttft_ms?.toFixed(1)}`),
    span(first, last, 196, BLUE, ''),
    text(
      x(first + (last - first) / 3),
      222,
      `${run.generations[0]?.usage.completion_tokens} tokens: time per token, tpot_ms = (tL - t1)/(N - 1) = ${timing?.tpot_ms?.toFixed(2)}`,
    ),
    span(
      0,
      end,
      250,
      GREEN,
      `total, e2e_ms = ${timing?.e2e_ms.toFixed(1)}; divided by all tokens it is ${timing?.seconds_per_token?.toFixed(4)} s (seconds_per_token), waiting included`,
    ),
  ]);
};

writeFileSync('docs/images/one-step.svg', drawStep(await stepOfTheModel()));
writeFileSync('docs/images/one-stream.svg', drawTimeline(await streamedRun()));
