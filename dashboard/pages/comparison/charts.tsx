import type { Comparison } from '../../../client/index.ts';
import { rowChart } from '../../../report/charts/row-chart.ts';
import { tradeOffChart } from '../../../report/charts/trade-off-chart.ts';
import { distributionOf, tradeOffOf } from '../../../report/comparison-charts.ts';
import { hasEnded } from '../../../report/comparison-data.ts';
import { FIGURES } from '../../../report/figures.ts';
import { Chart } from '../../parts/chart.tsx';
import { Defined } from '../../parts/figure.tsx';
import { useLoad } from '../../parts/load.ts';
import { Section } from '../../parts/section.tsx';
import { Failure } from '../../parts/states.tsx';
import { readAnswers } from './answers.ts';

/** Kept free until they are drawn, in px: what they take at least. */
const TRADE_OFF_HEIGHT = 330;
const ROW_HEIGHT = 50;

/** The trade-off, then each figure with the values of all answers, which are read once it has ended. */
export const Charts = ({ comparison }: { comparison: Comparison }) => {
  const { settings, id, progress } = comparison;
  const isEnded = hasEnded(comparison);
  const answers = useLoad(
    async (signal) => (isEnded ? await readAnswers(comparison, { texts: false }, signal) : []),
    [id, isEnded],
  );
  const tradeOff = tradeOffOf(settings);
  const distributions = FIGURES.flatMap(({ name }) => {
    const charted = distributionOf(settings, answers.value ?? [], name);
    return charted ? [{ name, charted }] : [];
  });
  if (tradeOff === undefined && distributions.length === 0) return null;
  const keys = [progress, comparison.status, answers.value?.length];
  return (
    <Section
      title="Charts"
      beside={
        <p class="small muted">
          {isEnded
            ? answers.isLoading
              ? 'Reading the answers…'
              : 'A small dot for each answer, of times for each warm and certain one; the large dot is the median (of costs the mean) with its 95% interval, the tick the 90th percentile.'
            : 'So far; the values of all answers follow when it has ended.'}
        </p>
      }
    >
      {answers.error !== undefined && (
        <Failure error={answers.error} what="No dots: the answers could not be read" retry={answers.reload} />
      )}
      {tradeOff && (
        <figure class="card drawn">
          <h3>{tradeOff.title}</h3>
          <Chart
            draw={(size) => tradeOffChart(tradeOff.content, size)}
            height={TRADE_OFF_HEIGHT}
            keys={keys}
          />
          <figcaption class="small muted">{tradeOff.caption}</figcaption>
        </figure>
      )}
      <div class="distributions">
        {distributions.map(({ name, charted: { title, caption, content } }) => (
          <figure key={name} class="card drawn">
            <h3>
              <Defined definition={caption}>{title}</Defined>
            </h3>
            <Chart
              draw={(size) => rowChart(content, size)}
              height={settings.length * ROW_HEIGHT}
              keys={keys}
            />
          </figure>
        ))}
      </div>
    </Section>
  );
};
