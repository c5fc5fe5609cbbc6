import { useMemo } from 'preact/hooks';
import type { Generation, Run, Timing, Trace } from '../../../client/index.ts';
import { arrivalChart } from '../../../report/charts/arrival-chart.ts';
import { gapHistogram } from '../../../report/charts/gap-histogram.ts';
import { UNKNOWN } from '../../../report/figures.ts';
import { shownLine } from '../../../report/shown-text.ts';
import { hrefOf } from '../../address.ts';
import { everytoken } from '../../api.ts';
import { type FigureName, figureText } from '../../figures.ts';
import { Chart } from '../../parts/chart.tsx';
import { Term } from '../../parts/figure.tsx';
import { useLoad } from '../../parts/load.ts';
import { Scroll } from '../../parts/scroll.tsx';
import { Section } from '../../parts/section.tsx';
import { Empty, Loadable } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';
import { colourPlaceOf, nameOf } from './outputs.ts';
import { CONTEXT_CHARACTERS, gapsOf, longestGapsOf } from './trace-gaps.ts';

/** Outputs whose traces are drawn: more lines cannot be told apart, and each trace is a request. */
const MOST_DRAWN = 8;
const ARRIVAL_PX = 320;
const LONGEST_NAME = 24;
const HISTOGRAM_AXIS_PX = 22;
const HISTOGRAM_ROW_PX = 122;

type Traced = { output: Generation; trace: Trace };

/** When each token came: arrivals, gaps, all figures, and attempts that failed. */
export const TimingPart = ({ run }: { run: Run }) => {
  const timed = run.generations.filter(({ timing }) => timing !== null);
  const drawn = timed.slice(0, MOST_DRAWN);
  const traces = useLoad(
    (signal) =>
      Promise.all(
        drawn.map(async (output) => ({
          output,
          trace: await everytoken().runs.trace(run.id, output.index, { signal }),
        })),
      ),
    [run.id, drawn.map(({ index }) => index)],
  );
  return (
    <>
      {timed.length === 0 ? (
        <Empty title="No output has a timing" />
      ) : (
        <Loadable of={traces} what="the traces">
          {(value) => (
            <>
              {timed.length > drawn.length && (
                <p class="notice">
                  The first {MOST_DRAWN} of {timed.length} outputs are drawn. The table has all.
                </p>
              )}
              <Charts run={run} traced={value} />
              <LongestGaps run={run} traced={value} />
            </>
          )}
        </Loadable>
      )}
      {timed.length > 0 && <Figures run={run} outputs={timed} />}
      <Attempts run={run} />
    </>
  );
};

/** A name that leaves room for the drawing. */
const chartNameOf = (output: Generation, run: Run): string => {
  const name = shownLine(nameOf(output, run));
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
};

const Charts = ({ run, traced }: { run: Run; traced: readonly Traced[] }) => {
  const lines = useMemo(
    () =>
      traced.map(({ output, trace }) => ({
        label: chartNameOf(output, run),
        at: colourPlaceOf(output, run),
        chunks: trace.chunks,
        gaps: trace.longest_gaps,
      })),
    [traced],
  );
  const rows = useMemo(
    () =>
      traced.map(({ output, trace }) => {
        const { p50 = null, p90 = null, p99 = null } = output.timing?.chunk_gaps_ms ?? {};
        return {
          label: chartNameOf(output, run),
          at: colourPlaceOf(output, run),
          gaps: gapsOf(trace.chunks),
          p50,
          p90,
          p99,
        };
      }),
    [traced],
  );
  const keys = [run.id, traced.map(({ output, trace }) => [output.index, trace.chunks.length])];
  return (
    <>
      <Section title="Arrivals">
        <Chart draw={(size) => arrivalChart({ lines }, size)} height={ARRIVAL_PX} keys={keys} />
      </Section>
      <Section title="Gaps between chunks">
        <Chart
          draw={(size) => gapHistogram(rows, size)}
          height={HISTOGRAM_AXIS_PX + HISTOGRAM_ROW_PX * rows.length}
          keys={keys}
        />
      </Section>
    </>
  );
};

/** Says by an ellipsis that the words begin within the text. */
const cutBefore = (words: string): string => (words.length < CONTEXT_CHARACTERS ? words : `…${words}`);

const LongestGaps = ({ run, traced }: { run: Run; traced: readonly Traced[] }) => {
  const gaps = traced
    .flatMap(({ output, trace }) => longestGapsOf(trace).map((gap) => ({ ...gap, output })))
    .sort((one, other) => other.gap_ms - one.gap_ms)
    .slice(0, 8);
  if (gaps.length === 0) return null;
  return (
    <Section title="Longest gaps">
      <ol class="longest-gaps">
        {gaps.map(({ output, chunk, gap_ms, before, after, token }) => (
          <li key={`${output.index} ${chunk}`}>
            <b class="number">{figureText('gap_ms', gap_ms)}</b>
            <span class="words">
              <bdi class="muted">{shownLine(cutBefore(before))}</bdi>{' '}
              <span class="gap-place" aria-hidden="true" /> <bdi>{shownLine(after) || UNKNOWN}</bdi>
            </span>
            <span class="muted small">
              <bdi>{shownLine(nameOf(output, run))}</bdi>, before chunk {chunk + 1}
            </span>
            {token !== undefined && (
              <a
                class="small"
                href={hrefOf(['runs', run.id], { tab: 'tokens', generation: output.index, token })}
                aria-label={`The token after the gap of ${figureText('gap_ms', gap_ms)}`}
              >
                Token
              </a>
            )}
          </li>
        ))}
      </ol>
    </Section>
  );
};

const FIGURES: readonly { name: FigureName; of: (timing: Timing) => number | null; title?: string }[] = [
  { name: 'ttfr_ms', of: ({ ttfr_ms }) => ttfr_ms },
  { name: 'ttft_ms', of: ({ ttft_ms }) => ttft_ms },
  { name: 'ttfo_ms', of: ({ ttfo_ms }) => ttfo_ms },
  { name: 'ttlt_ms', of: ({ ttlt_ms }) => ttlt_ms },
  { name: 'e2e_ms', of: ({ e2e_ms }) => e2e_ms },
  { name: 'connect_ms', of: ({ connect_ms }) => connect_ms },
  { name: 'tpot_ms', of: ({ tpot_ms }) => tpot_ms },
  { name: 'decode_tokens_per_second', of: (timing) => timing.decode_tokens_per_second },
  { name: 'tokens_per_second', of: ({ tokens_per_second }) => tokens_per_second },
  { name: 'seconds_per_token', of: ({ seconds_per_token }) => seconds_per_token },
  { name: 'gap_ms', title: 'Gap, median', of: ({ chunk_gaps_ms }) => chunk_gaps_ms.p50 },
  { name: 'gap_ms', title: 'Gap, p90', of: ({ chunk_gaps_ms }) => chunk_gaps_ms.p90 },
  { name: 'gap_ms', title: 'Gap, p99', of: ({ chunk_gaps_ms }) => chunk_gaps_ms.p99 },
  { name: 'longest_gap_ms', of: ({ longest_gap_ms }) => longest_gap_ms },
  { name: 'itl_ms', title: 'Between tokens, mean', of: ({ itl_ms }) => itl_ms?.mean ?? null },
  { name: 'itl_ms', title: 'Between tokens, p90', of: ({ itl_ms }) => itl_ms?.p90 ?? null },
  { name: 'chunk_density', of: ({ chunk_density }) => chunk_density },
  { name: 'uncertainty_ms', of: ({ uncertainty_ms }) => uncertainty_ms },
];

const Figures = ({ run, outputs }: { run: Run; outputs: readonly Generation[] }) => (
  <Section title="All figures">
    <Scroll label="Timing of the outputs, a table">
      <table>
        <thead>
          <tr>
            <th scope="col">Figure</th>
            {outputs.map((output) => (
              <th scope="col" class="number" key={output.index}>
                <bdi>{shownLine(nameOf(output, run))}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {FIGURES.map(({ name, title, of }) => (
            <tr key={title ?? name}>
              <th scope="row">
                {title === undefined ? <Term name={name} /> : <Term name={name}>{title}</Term>}
              </th>
              {outputs.map(({ index, timing }) => (
                <td class="number" key={index}>
                  {timing?.uncertain.some((each) => each === name) && (
                    <span class="muted" title="Its own bound of error exceeds 5 ms and 5 % of it.">
                      uncertain{' '}
                    </span>
                  )}
                  {figureText(name, timing && of(timing))}
                </td>
              ))}
            </tr>
          ))}
          <tr>
            <th scope="row">Tokens counted by</th>
            {outputs.map(({ index, timing }) => (
              <td class="number" key={index}>
                {timing?.token_count_source.replaceAll('_', ' ') ?? UNKNOWN}
              </td>
            ))}
          </tr>
          <tr>
            <th scope="row">Cold start</th>
            {outputs.map(({ index, timing }) => (
              <td class="number" key={index}>
                {timing?.cold_start ? 'yes' : 'no'}
              </td>
            ))}
          </tr>
          <tr>
            <th scope="row">Began</th>
            {outputs.map(({ index, timing }) => (
              <td class="number" key={index}>
                {timing ? <When at={timing.started_at} /> : UNKNOWN}
              </td>
            ))}
          </tr>
        </tbody>
      </table>
    </Scroll>
  </Section>
);

/** Attempts that failed before the one that gave the output, or before it was given up. */
const Attempts = ({ run }: { run: Run }) => {
  const attempts = run.generations.flatMap((output) =>
    output.attempts.map((attempt, at) => ({ output, attempt, at })),
  );
  return (
    <Section title="Failed attempts">
      {attempts.length === 0 ? (
        <p class="muted">None: each output came at the first attempt.</p>
      ) : (
        <Scroll label="Failed attempts, a table">
          <table>
            <thead>
              <tr>
                <th scope="col">Output</th>
                <th scope="col">Error</th>
                <th scope="col" class="number">
                  HTTP status
                </th>
                <th scope="col" class="number">
                  First token
                </th>
                <th scope="col" class="number">
                  Total time
                </th>
                <th scope="col" class="number">
                  Waited after it
                </th>
              </tr>
            </thead>
            <tbody>
              {attempts.map(({ output, attempt, at }) => (
                <tr key={`${output.index} ${at}`}>
                  <th scope="row">
                    <bdi>{shownLine(nameOf(output, run))}</bdi>, attempt {at + 1}
                  </th>
                  <td>
                    <code>{shownLine(attempt.error)}</code>
                  </td>
                  <td class="number">{attempt.status ?? UNKNOWN}</td>
                  <td class="number">{figureText('ttft_ms', attempt.ttft_ms)}</td>
                  <td class="number">{figureText('e2e_ms', attempt.e2e_ms)}</td>
                  <td class="number">{figureText('e2e_ms', attempt.waited_ms)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Section>
  );
};
