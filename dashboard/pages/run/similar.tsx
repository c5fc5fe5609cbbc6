import type { Run, SearchAnswer } from '../../../client/index.ts';
import { shownLine } from '../../../report/shown-text.ts';
import { hrefOf } from '../../address.ts';
import { everytoken } from '../../api.ts';
import { useLoad } from '../../parts/load.ts';
import { Empty, Loadable } from '../../parts/states.tsx';
import { When } from '../../parts/when.tsx';
import { OutputChoice } from './output-choice.tsx';
import { chosenOutput, searchable } from './outputs.ts';
import { useWhole } from './whole-output.tsx';

/** Asked for more than are shown, since the run itself is among them. */
const ASKED = 40;
const SHOWN = 12;
const SHOWN_CHARACTERS = 400;

/** Outputs of other runs that mean what an output of this one means. */
export const Similar = ({ run, query }: { run: Run; query: URLSearchParams }) => {
  const output = chosenOutput(run, query) ?? run.generations[0];
  if (output === undefined) return <Empty title="No output yet" />;
  return (
    <section class="section" aria-label="Similar outputs">
      <header>
        <h2>Outputs like this one</h2>
        <div class="end">
          <OutputChoice run={run} output={output} />
        </div>
      </header>
      <Found key={output.index} run={run} output={output} />
    </section>
  );
};

const Found = ({ run, output }: { run: Run; output: Run['generations'][number] }) => {
  const whole = useWhole(run, output);
  const text = whole.value?.text ?? '';
  const found = useLoad<SearchAnswer | null>(
    (signal) =>
      text.trim() === ''
        ? Promise.resolve(null)
        : everytoken().search({ query: searchable(text), top_k: ASKED }, { signal }),
    [run.id, output.index, text.length],
  );
  if (whole.value !== undefined && text.trim() === '')
    return <Empty title="This output has no text to look for" />;
  return (
    <Loadable of={found} what="similar outputs">
      {(answer) => <Matches run={run} answer={answer} />}
    </Loadable>
  );
};

const Matches = ({ run, answer }: { run: Run; answer: SearchAnswer | null }) => {
  if (answer === null) return null;
  const matches = answer.data.filter(({ run_id }) => run_id !== run.id).slice(0, SHOWN);
  return (
    <>
      {answer.warnings?.map((warning) => (
        <p class="notice" key={warning}>
          {shownLine(warning)}
        </p>
      ))}
      {matches.length === 0 ? (
        <Empty title="No other output is like it">
          <p>Outputs can be found once their runs are completed, unless they were asked with index: false.</p>
        </Empty>
      ) : (
        <ol class="matches">
          {matches.map((match) => (
            <li class="card" key={`${match.run_id} ${match.index} ${match.text.length}`}>
              <header>
                <h3>
                  <a href={hrefOf(['runs', match.run_id], { generation: match.index || null })}>
                    <bdi>{shownLine(match.prompt_preview ?? '') || match.run_id}</bdi>
                  </a>
                </h3>
                <span class="end number" title="Cosine similarity of the two texts">
                  {match.score.toFixed(3)}
                </span>
              </header>
              <p>
                <bdi>{shownLine(match.text.slice(0, SHOWN_CHARACTERS))}</bdi>
                {match.text.length > SHOWN_CHARACTERS && '…'}
              </p>
              <p class="muted small row">
                <bdi>{shownLine(match.label)}</bdi> <bdi>{shownLine(match.model)}</bdi>{' '}
                <When at={match.created_at} />
              </p>
            </li>
          ))}
        </ol>
      )}
    </>
  );
};
