import { useEffect, useRef, useState } from 'preact/hooks';
import { shownLine } from '../../../report/shown-text.ts';
import { hrefOf } from '../../address.ts';
import { Figure } from '../../parts/figure.tsx';
import { Step } from '../../parts/step.tsx';
import { quoted, TokenText } from '../../parts/token-text.tsx';
import type { TokenColour } from '../../parts/tokens.ts';
import type { LiveOutput, LiveRun } from './live-run.ts';
import { TokenPoints } from './token-points.tsx';

const mean = (values: readonly (number | null | undefined)[]): number | null => {
  const known = values.filter((value) => value !== null && value !== undefined);
  return known.length === 0 || known.length < values.length
    ? null
    : known.reduce((sum, value) => sum + value, 0) / known.length;
};

/** The time per token so far, as it stands before the server has counted. */
const tpotSoFar = ({ tokens }: LiveOutput): number | null => {
  const [first, last] = [tokens[0], tokens.at(-1)];
  return first && last && tokens.length > 1 ? (last.t_ms - first.t_ms) / (tokens.length - 1) : null;
};

/** The four figures of a setting, each as soon as it is known; means over its samples. */
export const SettingFigures = ({
  outputs,
  live,
  label,
}: {
  outputs: readonly LiveOutput[];
  live: LiveRun | undefined;
  label: string;
}) => {
  void live?.frame.value;
  const diversity = new Map(Object.entries(live?.run.value?.diversity?.by_label ?? {})).get(label);
  const begun = outputs.filter(({ tokens }) => tokens.length > 0);
  const samples = outputs.length > 1 ? `mean of ${outputs.length}` : undefined;
  return (
    <dl class="figures four">
      <Figure
        name="ttft_ms"
        value={mean(begun.map(({ generation, tokens }) => generation?.timing?.ttft_ms ?? tokens[0]?.t_ms))}
        note={samples}
      />
      <Figure
        name="tpot_ms"
        value={mean(begun.map((output) => output.generation?.timing?.tpot_ms ?? tpotSoFar(output)))}
        note={samples}
      />
      <Figure
        name="cost_usd"
        value={mean(outputs.map(({ generation }) => generation?.cost_usd))}
        note={samples}
      />
      <Figure
        name="embedding_diversity"
        value={diversity?.embedding_diversity}
        note={outputs.length === 1 ? 'needs 2 samples' : undefined}
      />
    </dl>
  );
};

/** One output: its text as it arrives, the step that was clicked, and the rest of its figures under details. */
export const Output = ({
  output,
  live,
  colour,
  isNumbered,
  alternatives,
}: {
  output: LiveOutput;
  live: LiveRun | undefined;
  colour: TokenColour;
  isNumbered: boolean;
  alternatives: number;
}) => {
  void live?.frame.value;
  const [selected, setSelected] = useState<number | undefined>(undefined);
  const pane = useRef<HTMLDivElement>(null);
  const isPinned = useRef(true);
  const { tokens, generation, calls, restarts } = output;
  const name = isNumbered ? `${output.label}, sample ${output.sample + 1}` : output.label;
  useEffect(() => {
    const element = pane.current;
    if (element && isPinned.current && generation === undefined) element.scrollTop = element.scrollHeight;
  });
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (selected !== undefined) panel.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  const token = selected === undefined ? undefined : tokens[selected];
  return (
    <article class="output" aria-label={`Output of ${name}`}>
      {isNumbered && <h3 class="small muted">Sample {output.sample + 1}</h3>}
      <div
        ref={pane}
        class="pane"
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          isPinned.current = scrollTop + clientHeight >= scrollHeight - 24;
        }}
      >
        <TokenText
          tokens={tokens}
          count={tokens.length}
          colour={colour}
          label={name}
          selected={selected}
          onSelect={(at) => setSelected(at === selected ? undefined : at)}
        />
        {calls.length > 0 && <p class="muted small">calls {calls.map(shownLine).join(', ')}</p>}
        {generation?.status === 'completed' && (generation.text ?? '') === '' && calls.length === 0 && (
          <p class="muted">
            The answer has no visible text. A refusal or reasoning stands among the tokens of the run.
          </p>
        )}
      </div>
      <p class="status small muted">
        {statusOf(output, live)}
        {restarts > 0 && ` · asked ${restarts + 1} times`}
        {live?.run.value && (
          <>
            {' · '}
            <a href={hrefOf(['runs', live.run.value.id], { generation: output.index })}>Open the run</a>
          </>
        )}
      </p>
      {token && selected !== undefined && (
        <aside ref={panel} class="step-panel" aria-label={`Step ${selected + 1} of ${name}`}>
          <h3>
            Token {selected + 1} <code>{quoted(token.text)}</code>
          </h3>
          <TokenPoints token={token} aligned={output.aligned} />
          <Step
            token={token}
            requested={generation?.sampling.requested ?? {}}
            hint={
              generation === undefined
                ? 'Candidates are there when the answer has ended.'
                : alternatives === 0
                  ? 'Choose alternatives above and run again to see the candidates.'
                  : 'The model server reports no candidates.'
            }
          />
        </aside>
      )}
      {generation && <Details output={output} />}
    </article>
  );
};

const endOf = (reason: string | null): string => {
  if (reason === 'length') return 'cut at max tokens';
  return reason === null ? 'ended' : `ended by ${shownLine(reason)}`;
};

const statusOf = ({ generation, tokens }: LiveOutput, live: LiveRun | undefined): string => {
  if (generation?.status === 'failed')
    return `failed: ${shownLine(generation.error?.message ?? 'no reason')}`;
  if (generation) {
    const counted = generation.usage.completion_tokens;
    const count = counted === null ? 'tokens not counted' : `${counted} token${counted === 1 ? '' : 's'}`;
    return `${count}, ${endOf(generation.finish_reason)}`;
  }
  if (live?.state.value === 'stopped') return `stopped after ${tokens.length} chunks`;
  if (live?.state.value === 'failed') return 'not ended';
  return tokens.length === 0 ? 'waiting for the first token' : `${tokens.length} chunks`;
};

const MORE_FIGURES = [
  'e2e_ms',
  'longest_gap_ms',
  'decode_tokens_per_second',
  'tokens_per_second',
  'seconds_per_token',
  'connect_ms',
  'uncertainty_ms',
] as const;

const Details = ({ output: { generation } }: { output: LiveOutput }) => {
  if (!generation) return null;
  const { timing, usage, sampling, model, checks, attempts } = generation;
  return (
    <details>
      <summary>Details</summary>
      <dl class="figures">
        {MORE_FIGURES.map((name) => (
          <Figure key={name} name={name} value={timing?.[name]} />
        ))}
        <Figure name="prompt_tokens" value={usage.prompt_tokens} />
        <Figure name="tokens" value={usage.completion_tokens} />
      </dl>
      <dl class="facts small">
        <dt>Model</dt>
        <dd>
          <bdi>{shownLine(model)}</bdi>
        </dd>
        <dt>Applied</dt>
        <dd>
          <code>{shownLine(JSON.stringify(sampling.effective))}</code>
        </dd>
        {timing?.cold_start && (
          <>
            <dt>Cold start</dt>
            <dd>the first request of its environment</dd>
          </>
        )}
        {attempts.length > 0 && (
          <>
            <dt>Attempts before</dt>
            <dd>{attempts.map(({ error }) => error).join(', ')}</dd>
          </>
        )}
        {checks.length > 0 && (
          <>
            <dt>Checks</dt>
            <dd>
              {checks.filter(({ passed }) => passed).length} of {checks.length} passed
            </dd>
          </>
        )}
      </dl>
      {sampling.warnings.map((warning) => (
        <p key={warning} class="small bad">
          {shownLine(warning)}
        </p>
      ))}
    </details>
  );
};
