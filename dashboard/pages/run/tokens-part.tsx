import { useMemo } from 'preact/hooks';
import type { Generation, Run, Trace, TraceChunk } from '../../../client/index.ts';
import { counted } from '../../../report/figures.ts';
import { everytoken } from '../../api.ts';
import { changeQuery } from '../../location.ts';
import { Segments } from '../../parts/fields.tsx';
import { useLoad } from '../../parts/load.ts';
import { Text } from '../../parts/prose.tsx';
import { Empty, Loadable } from '../../parts/states.tsx';
import { Step } from '../../parts/step.tsx';
import { detailsOf, TintKey, TokenText } from '../../parts/token-text.tsx';
import { type TokenColour, tokensOf } from '../../parts/tokens.ts';
import { OutputChoice } from './output-choice.tsx';
import { chosenOutput, nameOf } from './outputs.ts';
import { ReplayControls, useReplay } from './replay.tsx';

/** An output token by token, as it arrived: tinted, asked about, and played again at its own pace. */
export const TokensPart = ({ run, query }: { run: Run; query: URLSearchParams }) => {
  const output = chosenOutput(run, query);
  if (output === undefined) return <Empty title="No output yet" />;
  return (
    <section class="section" aria-label="Tokens">
      <OutputTokens key={output.index} run={run} output={output} query={query} />
    </section>
  );
};

const OutputTokens = ({ run, output, query }: { run: Run; output: Generation; query: URLSearchParams }) => {
  const trace = useLoad(
    (signal) => everytoken().runs.trace(run.id, output.index, { signal }),
    [run.id, output.index],
  );
  return (
    <Loadable of={trace} what="the tokens of this output">
      {(value) => <Traced run={run} output={output} trace={value} query={query} />}
    </Loadable>
  );
};

const Traced = ({
  run,
  output,
  trace,
  query,
}: {
  run: Run;
  output: Generation;
  trace: Trace;
  query: URLSearchParams;
}) => {
  const tokens = useMemo(() => tokensOf(trace.chunks), [trace]);
  const hasLogprobs = tokens.some(({ logprob }) => logprob !== undefined);
  const colour = colourOf(query.get('colour'), hasLogprobs);
  const replay = useReplay(tokens, trace.marks.tE ?? tokens.at(-1)?.t_ms ?? 0);
  const typed = query.get('token');
  const selected = typed === null ? undefined : Number(typed);
  const token = selected === undefined ? undefined : tokens[selected];
  return (
    <>
      <div class="row tokens-bar">
        <OutputChoice run={run} output={output} />
        <Segments<TokenColour>
          label="Tokens are tinted by"
          choices={[
            { value: 'gap', label: 'Gaps' },
            ...(hasLogprobs ? [{ value: 'probability' as const, label: 'Probability' }] : []),
            { value: 'none', label: 'Plain' },
          ]}
          value={colour}
          onChange={(value) => changeQuery({ colour: value })}
        />
        <TintKey colour={colour} />
        <span class="muted small end">{counted(tokens.length, 'token')} shown</span>
      </div>
      {tokens.length === 0 ? (
        <Empty title="No visible token">
          <p>
            {output.not_stored
              ? 'The tokens of this output are not stored; when they came is under Timing.'
              : 'This output has no text of its own.'}
          </p>
        </Empty>
      ) : (
        <>
          <ReplayControls replay={replay} />
          <div class="tokens-and-step">
            <div class="card" ref={replay.place}>
              <TokenText
                tokens={tokens}
                count={replay.count}
                colour={colour}
                label={nameOf(output, run)}
                selected={selected}
                onSelect={(at) => changeQuery({ token: at })}
              />
            </div>
            <aside class="card" aria-label="Step">
              {token === undefined || selected === undefined ? (
                <p class="muted small">
                  Choose a token, by a click or with the arrow keys and Enter: here is what was likely in its
                  place.
                </p>
              ) : (
                <div class="stack">
                  <p class="small details">{detailsOf(token, selected + 1)}</p>
                  <Step
                    token={token}
                    requested={output.sampling.requested}
                    hint="This run has no log probabilities. Ask for them with logprobs: true and top_logprobs, and the candidates of each step are kept."
                  />
                </div>
              )}
            </aside>
          </div>
        </>
      )}
      <Unseen chunks={trace.chunks} />
    </>
  );
};

const colourOf = (asked: string | null, hasLogprobs: boolean): TokenColour => {
  if (asked === 'none' || (asked === 'probability' && hasLogprobs)) return asked;
  return 'gap';
};

const KINDS = [
  { kind: 'reasoning', title: 'Reasoning' },
  { kind: 'refusal', title: 'Refusal' },
  { kind: 'tool', title: 'Calls of tools, as they arrived' },
] as const;

/** Reasoning, refusals and arguments of tools, which arrived beside the text. */
const Unseen = ({ chunks }: { chunks: readonly TraceChunk[] }) => (
  <>
    {KINDS.map(({ kind, title }) => {
      const text = chunks
        .filter((chunk) => chunk.kind === kind)
        .map((chunk) => chunk.text)
        .join('');
      return (
        text !== '' && (
          <section class="section" key={kind} aria-label={title}>
            <header>
              <h2>{title}</h2>
            </header>
            <Text text={text} />
          </section>
        )
      );
    })}
  </>
);
