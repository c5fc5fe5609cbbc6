import type { ComparedSetting, Comparison, Verdict as Judged } from '../../../client/index.ts';
import { hasEnded } from '../../../report/comparison-data.ts';
import { summaryText } from '../../../report/comparison-words.ts';
import { counted } from '../../../report/figures.ts';
import { Defined } from '../../parts/figure.tsx';
import { Section } from '../../parts/section.tsx';
import { Named, Sentence } from './words.tsx';

const BESTS = [
  ['fastest', 'Fastest'],
  ['cheapest', 'Cheapest'],
  ['most_diverse', 'Most diverse'],
  ['most_often_right', 'Most often right'],
] as const;

/** The verdict in the API's own sentences, and the best setting of each figure. */
export const Verdict = ({ comparison }: { comparison: Comparison }) => {
  const { verdict, settings } = comparison;
  return (
    <Section title="Verdict" class="verdict">
      <p class="summary" role={hasEnded(comparison) ? 'status' : undefined}>
        <Sentence text={summaryText(comparison)} />
      </p>
      {verdict && settings.length > 1 && (
        <>
          <ul class="bests">
            {BESTS.map(([key, title]) => (
              <Best key={key} title={title} best={verdict[key]} settings={settings} />
            ))}
          </ul>
          <p class="row unbeaten">
            <span class="muted small">
              <Defined definition={PARETO}>
                {verdict.unbeaten.length === 1 ? 'Nothing beats' : 'Nothing beats these'}
              </Defined>
            </span>
            {verdict.unbeaten.length === 0 ? (
              <span class="muted">none has an answer</span>
            ) : (
              verdict.unbeaten.map((label) => <Named key={label} label={label} settings={settings} />)
            )}
          </p>
          {verdict.beaten.length > 0 && (
            <ul class="sentences">
              {verdict.beaten.map(({ label, sentence }) => (
                <li key={label}>
                  <Sentence text={sentence} />
                </li>
              ))}
            </ul>
          )}
          {verdict.untold.length > 0 && (
            <details>
              <summary>
                {counted(verdict.untold.length, 'pair')} not told apart, and what would tell{' '}
                {verdict.untold.length === 1 ? 'it' : 'them'}
              </summary>
              <ul class="sentences">
                {verdict.untold.map(({ a, b, figure, sentence }) => (
                  <li key={JSON.stringify([a, b, figure])}>
                    <Sentence text={sentence} />
                  </li>
                ))}
              </ul>
            </details>
          )}
        </>
      )}
    </Section>
  );
};

const PARETO =
  'One setting beats another when it is clearly better in speed, cost or pass rate, and clearly worse in none of these nor in diversity.';

const Best = ({
  title,
  best: { label, clear, sentence },
  settings,
}: {
  title: string;
  best: Judged['fastest'];
  settings: readonly ComparedSetting[];
}) => (
  <li class="card">
    <h3>{title}</h3>
    <p class="row">
      {label === null ? (
        <span class="muted">none</span>
      ) : (
        <>
          <Named label={label} settings={settings} />
          <span class={`badge${clear ? ' good' : ''}`}>{clear ? 'clear' : 'not clear'}</span>
        </>
      )}
    </p>
    <p class="small muted">
      <Sentence text={sentence} />
    </p>
  </li>
);
