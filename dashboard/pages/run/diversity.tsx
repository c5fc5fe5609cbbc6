import type { DiversityFigures, Run } from '../../../client/index.ts';
import { UNKNOWN } from '../../../report/figures.ts';
import { shownLine } from '../../../report/shown-text.ts';
import { type FigureName, figureText } from '../../figures.ts';
import { Term } from '../../parts/figure.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import { Section } from '../../parts/section.tsx';
import { labelsOf } from './outputs.ts';

const FIGURES: readonly { name: FigureName; of: (figures: DiversityFigures) => number | null }[] = [
  { name: 'embedding_diversity', of: ({ embedding_diversity }) => embedding_diversity },
  { name: 'vendi', of: ({ vendi }) => vendi },
  { name: 'distinct_1', of: ({ distinct_1 }) => distinct_1 },
  { name: 'distinct_2', of: ({ distinct_2 }) => distinct_2 },
  { name: 'distinct_3', of: ({ distinct_3 }) => distinct_3 },
  { name: 'self_bleu_4', of: ({ self_bleu_4 }) => self_bleu_4 },
  { name: 'compression_ratio', of: ({ compression_ratio }) => compression_ratio },
  { name: 'duplicate_rate', of: ({ duplicate_rate }) => duplicate_rate },
];

/** How different the outputs are, of all and of each label. */
export const Diversity = ({ run: { diversity } }: { run: Run }) => {
  if (diversity === null) return null;
  const columns: { name: string; figures: DiversityFigures }[] = [
    { name: 'All outputs', figures: diversity },
    ...Object.entries(diversity.by_label).map(([name, figures]) => ({ name, figures })),
  ];
  return (
    <Section title="Diversity" class="diversity">
      <Scroll label="Diversity of the outputs, a table">
        <table>
          <thead>
            <tr>
              <th scope="col">Figure</th>
              {columns.map(({ name, figures }) => (
                <th scope="col" class="number" key={name}>
                  <bdi>{shownLine(name)}</bdi> ({figures.n})
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {FIGURES.map(({ name, of }) => (
              <tr key={name}>
                <th scope="row">
                  <Term name={name} />
                </th>
                {columns.map(({ name: label, figures }) => (
                  <td class="number" key={label}>
                    {figureText(name, of(figures))}
                    {name === 'embedding_diversity' && figures.embedding_diversity_interval !== null && (
                      <span class="muted small interval">
                        {figures.embedding_diversity_interval
                          .map((end) => figureText(name, end))
                          .join(' to ')}
                      </span>
                    )}
                  </td>
                ))}
              </tr>
            ))}
            <tr>
              <th scope="row">
                <span title="The n-gram figures use as many words of each text as the shortest one has.">
                  Words used
                </span>
              </th>
              {columns.map(({ name, figures }) => (
                <td class="number" key={name}>
                  {figures.words_cut === null || figures.words_uncut === null
                    ? UNKNOWN
                    : `${figures.words_cut} of ${figures.words_uncut.toFixed(1)}`}
                </td>
              ))}
            </tr>
          </tbody>
        </table>
      </Scroll>
    </Section>
  );
};

/** The share of outputs of each label that pass all checks. */
export const PassRates = ({ run }: { run: Run }) => {
  if (run.checks === null) return null;
  const rates = new Map(Object.entries(run.checks.by_label));
  return (
    <Section title="Checks" class="diversity">
      <Scroll label="Pass rates, a table">
        <table>
          <thead>
            <tr>
              <th scope="col">Label</th>
              <th scope="col" class="number">
                <Term name="pass_rate" />
              </th>
              <th scope="col" class="number">
                95% interval
              </th>
              <th scope="col" class="number">
                Passed
              </th>
            </tr>
          </thead>
          <tbody>
            {labelsOf(run).map((label) => {
              const rate = rates.get(label);
              return (
                <tr key={label}>
                  <th scope="row">
                    <bdi>{shownLine(label)}</bdi>
                  </th>
                  <td class="number">{figureText('pass_rate', rate?.rate)}</td>
                  <td class="number">
                    {rate?.interval?.map((end) => figureText('pass_rate', end)).join(' to ') ?? UNKNOWN}
                  </td>
                  <td class="number">
                    {rate?.passed ?? UNKNOWN} of {rate?.n ?? UNKNOWN}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scroll>
    </Section>
  );
};
