import type { ComparedSetting, Comparison, Difference } from '../../../client/index.ts';
import { leftOutText, noDifferencesText, probabilityText } from '../../../report/comparison-words.ts';
import { counted, differenceText, figureOf, intervalText, UNKNOWN } from '../../../report/figures.ts';
import { grouped } from '../../../report/grouped.ts';
import { shownLine } from '../../../report/shown-text.ts';
import { Defined } from '../../parts/figure.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import { Section } from '../../parts/section.tsx';
import { FigureTerm, Named } from './words.tsx';

/** All differences with intervals and p, pair by pair; the clear ones stand out. */
export const Differences = ({ comparison }: { comparison: Comparison }) => {
  const { differences, settings } = comparison;
  const pairs = grouped(differences, ({ a, b }) => JSON.stringify([a, b]));
  const clear = differences.filter((each) => each.clear).length;
  return (
    <Section
      title="Differences"
      beside={
        differences.length > 0 && (
          <p class="small muted">
            {counted(differences.length, 'difference')}, {clear} clear
          </p>
        )
      }
    >
      {differences.length === 0 ? (
        <p class="muted">{noDifferencesText(comparison)}</p>
      ) : (
        <>
          <Scroll label="Differences between settings">
            <table class="differences">
              <thead>
                <tr>
                  <th scope="col">Figure</th>
                  <th scope="col" class="number">
                    Difference
                  </th>
                  <th scope="col" class="number">
                    95% interval
                  </th>
                  <th scope="col" class="number">
                    <Defined definition={P}>p</Defined>
                  </th>
                  <th scope="col">Finding</th>
                  <th scope="col" class="number">
                    Pairs<small>left out</small>
                  </th>
                </tr>
              </thead>
              {[...pairs].map(([key, pair]) => (
                <Pair key={key} pair={pair} settings={settings} />
              ))}
            </table>
          </Scroll>
          <p class="small muted note">
            Each is the median of the first setting's value minus the second's over the blocks; for pass rate
            and diversity it is the difference of the two. One permutation test decides which of all these are
            clear. An interval holds the true difference in 95% of the cases, for this difference alone.
          </p>
        </>
      )}
    </Section>
  );
};

const P =
  'How often equal settings would show any difference as large, in any figure and pair. A clear difference has at most 0.045.';

const Pair = ({ pair, settings }: { pair: readonly Difference[]; settings: readonly ComparedSetting[] }) => {
  const [first] = pair;
  if (!first) return null;
  return (
    <tbody>
      <tr class="pair">
        <th colSpan={6} scope="rowgroup">
          <Named label={first.a} settings={settings} /> − <Named label={first.b} settings={settings} />
        </th>
      </tr>
      {pair.map((each) => (
        <tr key={each.figure} class={each.clear ? 'is-clear' : undefined}>
          <th scope="row">
            <FigureTerm name={each.figure} />
          </th>
          <td class="number">{differenceText(figureOf(each.figure), each.difference)}</td>
          <td class="number">{intervalText(figureOf(each.figure), each.interval)}</td>
          <td class="number">{each.p === null ? UNKNOWN : probabilityText(each.p)}</td>
          <td>
            <Finding difference={each} settings={settings} />
          </td>
          <td class="number">
            {each.n}
            <small>{leftOutText(each)}</small>
          </td>
        </tr>
      ))}
    </tbody>
  );
};

/** The finding, with the settings' colours where it is clear. */
const Finding = ({
  difference: { clear, difference, a, b, finding },
  settings,
}: {
  difference: Difference;
  settings: readonly ComparedSetting[];
}) => {
  if (!clear || difference === null) return <bdi dir="ltr">{shownLine(finding)}</bdi>;
  const [lower, higher] = difference < 0 ? [a, b] : [b, a];
  return (
    <>
      <Named label={lower} settings={settings} /> is lower than <Named label={higher} settings={settings} />{' '}
      <span class="badge good">clear</span>
    </>
  );
};
