import type { PromptFile } from '../../../client/index.ts';
import { doneOf, durationText } from '../../files/words.ts';
import { Defined } from '../../parts/figure.tsx';

const whole = (value: number | null): string => value?.toLocaleString('en-US') ?? '–';

/** How far a file is: a bar, its pace and the time left, and the counts of its lines. */
export const Progress = ({ file }: { file: PromptFile }) => {
  const { counts, ended_at, endpoint } = file;
  const isOfEmbeddings = endpoint === '/v1/embeddings';
  const progress = doneOf(file);
  const facts = [
    { title: 'Rows', value: counts.lines, tip: 'All lines of the file.' },
    { title: 'Answered', value: counts.completed, tip: `Lines with ${isOfEmbeddings ? 'vectors' : 'text'}.` },
    {
      title: 'Failed',
      value: counts.failed,
      tip: 'Lines without text, those that were refused or not begun included.',
    },
    {
      title: 'Reused',
      value: counts.reused,
      tip: 'Answers of an earlier file: not generated or paid for again.',
    },
    { title: 'Remaining', value: counts.remaining, tip: 'Lines still to be generated.' },
    ...(isOfEmbeddings
      ? []
      : [
          {
            title: 'Outputs',
            value: counts.generations,
            tip: 'A line has as many outputs as settings times samples.',
          },
        ]),
  ];
  return (
    <section class="card file-progress" aria-label="Progress">
      <div class="bar-line">
        <progress
          value={progress?.done ?? 0}
          max={Math.max(1, progress?.lines ?? 1)}
          aria-label="Rows done"
          class={ended_at === null ? '' : 'ended'}
        />
        <span class="small muted number">{ended_at === null ? paceOf(file) : endOf(file)}</span>
      </div>
      <dl class="figures">
        {facts.map(({ title, value, tip }) => (
          <div key={title} class="figure">
            <dt>
              <Defined definition={tip}>{title}</Defined>
            </dt>
            <dd class={title === 'Failed' && counts.failed > 0 ? 'bad' : ''}>{whole(value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
};

const paceOf = ({ status, rows_per_second, seconds_left, counts }: PromptFile): string => {
  if (status === 'awaiting_upload') return 'waiting for its bytes';
  if (status === 'reading') return 'reading its rows';
  if (counts.remaining === 0) return 'writing the results';
  const rate = rows_per_second ?? 0;
  if (rate === 0) return 'no row done in the last minute';
  const pace = `${rate.toLocaleString('en-US', { maximumFractionDigits: rate < 10 ? 1 : 0 })} rows/s`;
  return seconds_left === null ? pace : `${pace}, ${durationText(Math.max(1, seconds_left))} left`;
};

const endOf = ({ generating_at, ended_at }: PromptFile): string => {
  if (generating_at === null || ended_at === null) return '';
  return `generated in ${durationText((Date.parse(ended_at) - Date.parse(generating_at)) / 1000)}`;
};
