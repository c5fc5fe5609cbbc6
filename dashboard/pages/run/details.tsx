import type { Generation, Run } from '../../../client/index.ts';
import { UNKNOWN } from '../../../report/figures.ts';
import { shownLine } from '../../../report/shown-text.ts';
import { hrefOf } from '../../address.ts';
import { figureText } from '../../figures.ts';
import { Term } from '../../parts/figure.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import { Section } from '../../parts/section.tsx';
import { labelsOf, nameOf } from './outputs.ts';
import { SamplingTable } from './sampling-table.tsx';
import { WholeOutput } from './whole-output.tsx';

/** How the run was asked, what it cost, and what it belongs to. */
export const Details = ({ run }: { run: Run }) => (
  <>
    {labelsOf(run).map((label) => {
      const output = run.generations.find((each) => each.label === label);
      return (
        output && (
          <WholeOutput key={label} run={run} output={output}>
            {(whole) => <SamplingTable output={whole} isOnly={labelsOf(run).length === 1} />}
          </WholeOutput>
        )
      );
    })}
    <Costs run={run} />
    <Belongs run={run} />
    <Vectors run={run} />
  </>
);

const Costs = ({ run }: { run: Run }) => (
  <Section title="Usage and cost">
    <Scroll label="Usage and cost of the outputs, a table">
      <table>
        <thead>
          <tr>
            <th scope="col">Output</th>
            <th scope="col" class="number">
              <Term name="prompt_tokens" />
            </th>
            <th scope="col" class="number">
              from cache
            </th>
            <th scope="col" class="number">
              <Term name="tokens" />
            </th>
            <th scope="col" class="number">
              reasoning
            </th>
            <th scope="col" class="number">
              <Term name="cost_usd" />
            </th>
            <th scope="col">Price, $ for a million tokens</th>
          </tr>
        </thead>
        <tbody>
          {run.generations.map((output) => (
            <tr key={output.index}>
              <th scope="row">
                <bdi>{shownLine(nameOf(output, run))}</bdi>
              </th>
              <td class="number">{figureText('prompt_tokens', output.usage.prompt_tokens)}</td>
              <td class="number">{figureText('prompt_tokens', output.usage.cached_tokens)}</td>
              <td class="number">{figureText('tokens', output.usage.completion_tokens)}</td>
              <td class="number">{figureText('tokens', output.usage.reasoning_tokens)}</td>
              <td class="number">{figureText('cost_usd', output.cost_usd)}</td>
              <td>
                <Price price={output.price} />
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">The run</th>
            <td class="number">{figureText('prompt_tokens', run.usage.prompt_tokens)}</td>
            <td class="number">{figureText('prompt_tokens', run.usage.cached_tokens)}</td>
            <td class="number">{figureText('tokens', run.usage.completion_tokens)}</td>
            <td class="number">{figureText('tokens', run.usage.reasoning_tokens)}</td>
            <td class="number">{figureText('cost_usd', run.cost_usd)}</td>
            <td />
          </tr>
        </tfoot>
      </table>
    </Scroll>
  </Section>
);

const Price = ({ price }: { price: Generation['price'] }) => {
  if (price === null) return <span class="muted">unknown, and so is the cost</span>;
  const { input, cached, output, as_of, source } = price;
  return (
    <>
      in {input ?? UNKNOWN} · cached {cached ?? UNKNOWN} · out {output ?? UNKNOWN}
      <br />
      <span class="muted small">
        as of {shownLine(as_of)}, {shownLine(source)}
      </span>
    </>
  );
};

/** Its conversation, and what its caller said about it. */
const Belongs = ({ run }: { run: Run }) => {
  const metadata = Object.entries(run.metadata);
  // The first run of a conversation has no name of it; the conversation has the name of this run.
  const conversation = run.conversation ?? run.id;
  return (
    <Section title="Metadata and conversation">
      <dl class="facts">
        {metadata.map(([name, value]) => [
          <dt key={`${name}-name`}>
            <bdi>{shownLine(name)}</bdi>
          </dt>,
          <dd key={name}>
            <a href={hrefOf(['runs'], { [`metadata.${name}`]: value })}>
              <bdi>{shownLine(value) || 'empty'}</bdi>
            </a>
          </dd>,
        ])}
        {metadata.length === 0 && [<dt key="name">Metadata</dt>, <dd key="none">none</dd>]}
        <dt>Conversation</dt>
        <dd>
          <a href={hrefOf(['runs'], { conversation })}>
            {run.conversation === null ? 'Runs that continue this one' : <bdi>{shownLine(conversation)}</bdi>}
          </a>
        </dd>
        {run.previous_run !== null && [
          <dt key="previous-name">Previous run</dt>,
          <dd key="previous">
            <a href={hrefOf(['runs', run.previous_run])}>
              <code>{run.previous_run}</code>
            </a>
          </dd>,
        ]}
      </dl>
    </Section>
  );
};

const MOST_IDS = 20;

const Vectors = ({ run }: { run: Run }) => (
  <Section title="Vectors">
    <dl class="facts">
      {run.generations.map((output) => [
        <dt key={`${output.index}-name`}>
          <bdi>{shownLine(nameOf(output, run))}</bdi>
        </dt>,
        <dd key={output.index}>
          <WholeOutput run={run} output={output}>
            {(whole) => <VectorIds output={whole} />}
          </WholeOutput>
        </dd>,
      ])}
    </dl>
  </Section>
);

const VectorIds = ({ output: { vector_ids, not_indexed, output_sha256 } }: { output: Generation }) => (
  <>
    {vector_ids.length === 0 ? (
      <span class="muted">
        {not_indexed === 'no_text' ? 'none, since it has no text' : 'none: it is not in the search'}
      </span>
    ) : (
      <>
        {vector_ids.slice(0, MOST_IDS).map((id) => (
          <code class="id" key={id}>
            {shownLine(id)}
          </code>
        ))}
        {vector_ids.length > MOST_IDS && <span class="muted">and {vector_ids.length - MOST_IDS} more</span>}
      </>
    )}
    {output_sha256 !== null && (
      <span class="muted small id">
        SHA-256 of the text: <code>{output_sha256}</code>
      </span>
    )}
  </>
);
