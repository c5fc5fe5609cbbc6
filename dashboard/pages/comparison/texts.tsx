import { useMemo } from 'preact/hooks';
import type { Comparison } from '../../../client/index.ts';
import type { Answer } from '../../../report/comparison-data.ts';
import { hasEnded } from '../../../report/comparison-data.ts';
import { counted } from '../../../report/figures.ts';
import { grouped } from '../../../report/grouped.ts';
import { shownLine, shownText } from '../../../report/shown-text.ts';
import { differingWords } from '../../../report/word-differences.ts';
import { hrefOf } from '../../address.ts';
import { figureText } from '../../figures.ts';
import { changeQuery } from '../../location.ts';
import { Field } from '../../parts/fields.tsx';
import { useLoad } from '../../parts/load.ts';
import { Text } from '../../parts/prose.tsx';
import { Section } from '../../parts/section.tsx';
import { SettingName } from '../../parts/setting-name.tsx';
import { Loadable } from '../../parts/states.tsx';
import { readAnswers } from './answers.ts';
import { Sentence } from './words.tsx';

/** Blocks on a page: with 16 settings these are 64 texts. */
const BLOCKS = 4;
/** Longer texts have no marks, and show their beginning first. */
const LONGEST_MARKED = 20_000;
const LONGEST_PROMPT_LINE = 90;

const placeIn = (text: string | null, length: number): number => {
  const at = Number(text ?? 1) - 1;
  return Number.isInteger(at) && at >= 0 && at < length ? at : 0;
};

/** The answers to one prompt in columns, some blocks at a time, with the words marked that differ. */
export const Texts = ({ comparison, query }: { comparison: Comparison; query: URLSearchParams }) => {
  const { settings, prompts, progress, id } = comparison;
  const prompt = placeIn(query.get('prompt'), prompts);
  const against = placeIn(query.get('against'), settings.length);
  // While it goes on, they are read again as blocks end.
  const answers = useLoad(
    (signal) => readAnswers(comparison, { texts: true, prompt }, signal),
    [id, prompt, hasEnded(comparison) ? 'ended' : progress.done],
  );
  return (
    <Section
      title="Texts"
      beside={
        <p class="small muted">
          One row for each block: the answers of all settings to a prompt, asked at the same time.
        </p>
      }
    >
      <div class="choices">
        {prompts > 1 && (
          <Field label="Prompt">
            {(attributes) => (
              <select
                {...attributes}
                value={String(prompt + 1)}
                onChange={(event) => changeQuery({ prompt: event.currentTarget.value, from: null })}
              >
                {Array.from({ length: prompts }, (_, at) => (
                  <option key={String(at)} value={String(at + 1)}>
                    {at + 1} of {prompts}
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
        {settings.length > 1 && (
          <Field label="Mark words that differ from">
            {(attributes) => (
              <select
                {...attributes}
                value={String(against + 1)}
                onChange={(event) => changeQuery({ against: event.currentTarget.value })}
              >
                {settings.map(({ label }, at) => (
                  <option key={label} value={String(at + 1)}>
                    {shownLine(label)}
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
      </div>
      <Loadable of={answers} what="the texts">
        {(all) => <Blocks comparison={comparison} answers={all} against={against} from={query.get('from')} />}
      </Loadable>
    </Section>
  );
};

const Blocks = ({
  comparison: { settings },
  answers,
  against,
  from,
}: {
  comparison: Comparison;
  answers: readonly Answer[];
  against: number;
  from: string | null;
}) => {
  const blocks = [...grouped(answers, ({ block }) => block)];
  const [first] = answers;
  if (!first)
    return (
      <p class="muted">No answer to this prompt is there: it has not begun, or its runs were deleted.</p>
    );
  const start = Math.floor(placeIn(from, blocks.length) / BLOCKS) * BLOCKS;
  const shown = blocks.slice(start, start + BLOCKS);
  return (
    <>
      <Asked answer={first} />
      <ol class="blocks">
        {shown.map(([block, own], at) => (
          <li key={block}>
            <h3 class="row">
              Sample {start + at + 1}
              <small class="muted">block {block}</small>
              {own[0]?.run_id && (
                <a class="small" href={hrefOf(['runs', own[0].run_id])}>
                  Run<span class="unseen"> of sample {start + at + 1}</span>
                </a>
              )}
            </h3>
            <div class="answers">
              {settings.map(({ label }, place) => (
                <Column
                  key={label}
                  label={label}
                  at={place}
                  answer={own.find((each) => each.label === label)}
                  other={otherText(own, settings, place, against)}
                />
              ))}
            </div>
          </li>
        ))}
      </ol>
      {blocks.length > BLOCKS && (
        <nav class="row pages" aria-label="Samples">
          <button
            type="button"
            class="button"
            disabled={start === 0}
            onClick={() => changeQuery({ from: start - BLOCKS + 1 })}
          >
            Earlier
          </button>
          <span class="small muted number" role="status">
            {start + 1} to {start + shown.length} of {counted(blocks.length, 'sample')}
          </span>
          <button
            type="button"
            class="button"
            disabled={start + BLOCKS >= blocks.length}
            onClick={() => changeQuery({ from: start + BLOCKS + 1 })}
          >
            Later
          </button>
        </nav>
      )}
    </>
  );
};

/** The text that an answer is held against: that of the chosen setting, whose own stands against the first other one. */
const otherText = (
  own: readonly Answer[],
  settings: Comparison['settings'],
  place: number,
  against: number,
): string | null => {
  const at = place === against ? (against === 0 ? 1 : 0) : against;
  return own.find(({ label }) => label === settings[at]?.label)?.text ?? null;
};

/** The prompt that was asked: a line, and the whole of it where it is longer. */
const Asked = ({ answer: { prompt, messages } }: { answer: Answer }) => {
  const told = Array.isArray(messages) ? (messages as { role: string; content: unknown }[]) : undefined;
  const whole =
    told === undefined
      ? (prompt ?? '')
      : told
          .map(
            ({ role, content }) =>
              `${role}: ${typeof content === 'string' ? content : JSON.stringify(content)}`,
          )
          .join('\n');
  if (whole === '') return null;
  const line = shownLine(whole);
  if (line.length <= LONGEST_PROMPT_LINE && !whole.includes('\n'))
    return (
      <p class="asked">
        <bdi>{line}</bdi>
      </p>
    );
  return (
    <details class="asked">
      <summary>
        <bdi>{[...line].slice(0, LONGEST_PROMPT_LINE).join('')}…</bdi>
      </summary>
      <Text text={whole} />
    </details>
  );
};

const Column = ({
  label,
  at,
  answer,
  other,
}: {
  label: string;
  at: number;
  answer: Answer | undefined;
  other: string | null;
}) => (
  <div class="answer card">
    <p>
      <SettingName label={label} at={at} />
    </p>
    {answer === undefined ? (
      <p class="muted">No answer: its run is not kept, or did not begin.</p>
    ) : answer.status === 'completed' ? (
      <>
        <p class="small muted">
          {figuresOf(answer).join(' · ')}
          {answer.checks_passed !== null && (
            <>
              {' · '}
              <span class={answer.checks_passed ? 'good' : 'bad'}>
                {answer.checks_passed ? '✓ passes' : '✗ fails'}
              </span>
            </>
          )}
        </p>
        <Marked text={answer.text} other={other} />
      </>
    ) : (
      <p class="bad">
        Failed: <code>{shownLine(answer.error_code ?? 'unknown')}</code>{' '}
        {answer.error_message !== null && <Sentence text={answer.error_message} />}
      </p>
    )}
  </div>
);

const figuresOf = (answer: Answer): string[] =>
  [
    `${figureText('ttft_ms', answer.ttft_ms)} to first`,
    `${figureText('tpot_ms', answer.tpot_ms)} a token`,
    answer.completion_tokens === null ? '' : counted(answer.completion_tokens, 'token'),
    answer.cost_usd === null ? '' : figureText('cost_usd', answer.cost_usd),
    answer.finish_reason === 'length' ? 'cut at max tokens' : '',
    answer.cold_start === true ? 'cold start' : '',
  ].filter((piece) => piece !== '');

const Marked = ({ text, other }: { text: string | null; other: string | null }) => {
  const pieces = useMemo(
    () =>
      text === null || other === null || text.length > LONGEST_MARKED
        ? undefined
        : differingWords(shownText(text), shownText(other)),
    [text, other],
  );
  if (text === null) return <p class="muted">Its text is not kept.</p>;
  if (text === '') return <p class="muted">An empty text.</p>;
  if (pieces === undefined) return <Text text={text} />;
  return (
    <div class="text" dir="auto">
      {pieces.map(({ text: piece, differs }) => (differs ? <mark>{piece}</mark> : piece))}
    </div>
  );
};
