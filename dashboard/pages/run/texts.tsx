import { useMemo, useState } from 'preact/hooks';
import type { Generation, Run, ToolCall } from '../../../client/index.ts';
import { shownLine, shownText } from '../../../report/shown-text.ts';
import { differingWords } from '../../../report/word-differences.ts';
import { hrefOf } from '../../address.ts';
import { figureText } from '../../figures.ts';
import { changeQuery } from '../../location.ts';
import { Copy } from '../../parts/copy.tsx';
import { Segments } from '../../parts/fields.tsx';
import { Markdown, Text } from '../../parts/prose.tsx';
import { Section } from '../../parts/section.tsx';
import { Empty } from '../../parts/states.tsx';
import { Diversity, PassRates } from './diversity.tsx';
import { colourPlaceOf, nameOf } from './outputs.ts';
import { WholeOutput } from './whole-output.tsx';

/** Outputs that are shown at first; a run can have hundreds. */
const FIRST = 12;

/** The prompt, and all outputs side by side, with the words marked in which they differ from one of them. */
export const Texts = ({ run, query }: { run: Run; query: URLSearchParams }) => {
  const [isWhole, setWhole] = useState(false);
  const { generations } = run;
  const isMarkdown = query.get('view') === 'markdown';
  const base = baseOf(run, query);
  const shown = isWhole ? generations : generations.slice(0, FIRST);
  return (
    <>
      <Prompt run={run} />
      <Section
        title={generations.length === 1 ? 'Output' : 'Outputs'}
        beside={
          <div class="end row">
            {generations.length > 1 && <CompareChoice run={run} base={base} isMarkdown={isMarkdown} />}
            <Segments
              label="How texts are shown"
              choices={[
                { value: 'text', label: 'Text' },
                { value: 'markdown', label: 'Markdown' },
              ]}
              value={isMarkdown ? 'markdown' : 'text'}
              onChange={(view) => changeQuery({ view: view === 'text' ? null : view })}
            />
          </div>
        }
      >
        {generations.length === 0 && <Empty title="No output yet" />}
        <div class="columns outputs">
          {shown.map((output) => (
            <OutputCard key={output.index} run={run} output={output} base={base} isMarkdown={isMarkdown} />
          ))}
        </div>
        {shown.length < generations.length && (
          <p class="more-outputs">
            <button type="button" class="button" onClick={() => setWhole(true)}>
              Show all {generations.length} outputs
            </button>
          </p>
        )}
      </Section>
      <Diversity run={run} />
      <PassRates run={run} />
    </>
  );
};

/** The output with which the others are compared; undefined where the reader wants no marks. */
const baseOf = ({ generations }: Run, query: URLSearchParams): Generation | undefined => {
  if (generations.length < 2 || query.get('compare') === 'none') return undefined;
  const index = Number(query.get('compare') ?? Number.NaN);
  return generations.find((each) => each.index === index) ?? generations[0];
};

const CompareChoice = ({
  run,
  base,
  isMarkdown,
}: {
  run: Run;
  base: Generation | undefined;
  isMarkdown: boolean;
}) => (
  <label class="row small compare-choice">
    <span class="muted">Mark words that differ from</span>
    <select
      value={base?.index ?? 'none'}
      disabled={isMarkdown}
      onChange={({ currentTarget }) => changeQuery({ compare: currentTarget.value })}
    >
      {run.generations.map((output) => (
        <option key={output.index} value={output.index}>
          {shownLine(nameOf(output, run))}
        </option>
      ))}
      <option value="none">no marks</option>
    </select>
  </label>
);

const Prompt = ({ run }: { run: Run }) => {
  if (run.prompt === null && run.messages === null) return null;
  const messages = run.messages ?? [{ role: 'user', content: run.prompt ?? '' }];
  return (
    <Section
      title={run.messages === null ? 'Prompt' : 'Messages'}
      class="prompt"
      beside={
        <div class="end">
          <Copy label="Copy" text={() => run.prompt ?? JSON.stringify(run.messages, null, 2)} />
        </div>
      }
    >
      {messages.map((message, at) => (
        // Messages never change their places
        <div class="message" key={at}>
          {run.messages !== null && <span class="badge">{shownLine(message.role)}</span>}
          <Text text={message.content} />
          {'tool_calls' in message && message.tool_calls && <ToolCalls calls={message.tool_calls} />}
        </div>
      ))}
    </Section>
  );
};

const OutputCard = ({
  run,
  output,
  base,
  isMarkdown,
}: {
  run: Run;
  output: Generation;
  base: Generation | undefined;
  isMarkdown: boolean;
}) => (
  <article class="card output" aria-label={`Output ${shownLine(nameOf(output, run))}`}>
    <header>
      <h3 class="setting-name">
        <span class={`swatch series-${colourPlaceOf(output, run) % 8}`} aria-hidden="true" />
        <bdi>{shownLine(nameOf(output, run))}</bdi>
      </h3>
      <span class="muted small end">
        <bdi>{shownLine(output.provider ? `${output.provider}/${output.model}` : output.model)}</bdi>
      </span>
    </header>
    <WholeOutput run={run} output={output}>
      {(whole) => (
        <>
          <OutputText output={whole} base={base} isMarkdown={isMarkdown} />
          {whole.tool_calls && <ToolCalls calls={whole.tool_calls} />}
        </>
      )}
    </WholeOutput>
    <Checks output={output} />
    <footer class="small muted">
      <span>{figureText('tokens', output.usage.completion_tokens)} tokens</span>
      <span>first {figureText('ttft_ms', output.timing?.ttft_ms)}</span>
      <span>total {figureText('e2e_ms', output.timing?.e2e_ms)}</span>
      <span>cost {figureText('cost_usd', output.cost_usd)}</span>
      {output.finish_reason !== null && <span>ended by {shownLine(output.finish_reason)}</span>}
      <a href={hrefOf(['runs', run.id], { tab: 'tokens', generation: output.index })}>Tokens</a>
    </footer>
  </article>
);

const OutputText = ({
  output,
  base,
  isMarkdown,
}: {
  output: Generation;
  base: Generation | undefined;
  isMarkdown: boolean;
}) => {
  const { text, error, not_stored, tool_calls } = output;
  if (error !== null)
    return (
      <div class="notice wrong">
        <b>
          <code>{shownLine(error.code)}</code>
        </b>{' '}
        <bdi>{shownLine(error.message)}</bdi>
        {error.param !== undefined && (
          <p class="small">
            Field: <code>{shownLine(error.param)}</code>
          </p>
        )}
      </div>
    );
  if (not_stored) return <p class="muted">Its text was for its own answer alone, and is not stored.</p>;
  if (text === null || text === '')
    return (
      <p class="muted">
        {tool_calls
          ? 'It has no text beside its calls of tools.'
          : `It has ${text === null ? 'no' : 'an empty'} text.`}
      </p>
    );
  if (isMarkdown) return <Markdown text={text} />;
  const isOther = base !== undefined && base.index !== output.index && base.text !== null && base.text !== '';
  return isOther ? <Marked text={text} other={base.text ?? ''} /> : <Text text={text} />;
};

/** Pieces of which one is longer are too much to be marked. */
const Marked = ({ text, other }: { text: string; other: string }) => {
  const pieces = useMemo(() => differingWords(text, other), [text, other]);
  if (pieces.length === 1) {
    return (
      <>
        <Text text={text} />
        <p class="muted small">
          {text === other ? 'The same text.' : 'Different all over, or too long to be compared word by word.'}
        </p>
      </>
    );
  }
  return (
    <div class="text" dir="auto">
      {pieces.map((piece, at) =>
        // Pieces of a text never change their places
        piece.differs ? <mark key={at}>{shownText(piece.text)}</mark> : shownText(piece.text),
      )}
    </div>
  );
};

const Checks = ({ output: { checks } }: { output: Generation }) => {
  if (checks.length === 0) return null;
  return (
    <ul class="checks small" aria-label="Checks">
      {checks.map(({ type, passed, message }, at) => (
        // Results stand in the order of the checks
        <li key={at}>
          <span class={passed ? 'good' : 'bad'}>{passed ? '✓ passes' : '✗ fails'}</span> <code>{type}</code>
          {message !== null && <bdi class="muted"> {shownLine(message)}</bdi>}
        </li>
      ))}
    </ul>
  );
};

const LONGEST_JSON = 20_000;

/** Calls of tools with their arguments, as the model wrote them. */
const ToolCalls = ({ calls }: { calls: readonly ToolCall[] }) => (
  <ol class="tool-calls" aria-label="Calls of tools">
    {calls.map((call, at) => {
      const { name, body } = calledOf(call);
      return (
        // Calls never change their places
        <li key={at}>
          <span class="badge">call</span> <code>{shownLine(name)}</code>
          <pre>{shownText(body.length > LONGEST_JSON ? `${body.slice(0, LONGEST_JSON)}…` : body)}</pre>
        </li>
      );
    })}
  </ol>
);

const calledOf = (call: ToolCall): { name: string; body: string } => {
  const inner: unknown = call.function ?? call.custom;
  const {
    name,
    arguments: given,
    input,
  } = Object(inner) as { name?: unknown; arguments?: unknown; input?: unknown };
  const written = given ?? input;
  return {
    name: typeof name === 'string' ? name : 'a tool without a name',
    body: typeof written === 'string' ? indented(written) : JSON.stringify(call, null, 2),
  };
};

const indented = (json: string): string => {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json; // a model's arguments may be cut, or no JSON
  }
};
