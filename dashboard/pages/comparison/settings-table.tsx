import type { ComparedSetting, Comparison } from '../../../client/index.ts';
import { statedObjectives } from '../../../report/comparison-words.ts';
import { counted, FIGURES, intervalText, UNKNOWN, withUnit } from '../../../report/figures.ts';
import { shownLine } from '../../../report/shown-text.ts';
import { Defined } from '../../parts/figure.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import { Section } from '../../parts/section.tsx';
import { SettingName } from '../../parts/setting-name.tsx';
import { FigureTerm, Named } from './words.tsx';

/** The settings side by side: each figure with its interval. */
export const SettingsTable = ({ comparison }: { comparison: Comparison }) => {
  const { settings, verdict } = comparison;
  const known = FIGURES.filter(({ of }) => settings.some((setting) => of(setting).value !== null));
  const objectives = statedObjectives(comparison);
  const hasModels = new Set(settings.map(({ model }) => model)).size > 1;
  return (
    <Section
      title="Settings"
      beside={
        <p class="small muted">
          Medians with their 95% intervals, and the mean of the cost. Times are of warm answers.
        </p>
      }
    >
      <Scroll label="Settings and their figures">
        <table class="compared">
          <thead>
            <tr>
              <th scope="col">Setting</th>
              {known.map(({ name, title, unit }) => (
                <th key={name} scope="col" class="number">
                  <FigureTerm name={name} />
                  <small>{unit === title.toLowerCase() ? '' : unit}</small>
                </th>
              ))}
              {objectives.length > 0 && (
                <th scope="col" class="number">
                  <Defined definition={`An answer meets the objectives with ${objectives.join(', ')}.`}>
                    Objectives
                  </Defined>
                  <small>met; a second</small>
                </th>
              )}
              <th scope="col" class="number">
                Answers
              </th>
            </tr>
          </thead>
          <tbody>
            {settings.map((setting, at) => (
              <tr key={setting.label}>
                <th scope="row">
                  <SettingName label={setting.label} at={at} />
                  {hasModels && (
                    <small>
                      <bdi>{shownLine(setting.model)}</bdi>
                    </small>
                  )}
                  {setting.same_as !== null && (
                    <small>
                      the same request as <Named label={setting.same_as} settings={settings} />, so not
                      compared
                    </small>
                  )}
                  {verdict !== null && settings.length > 1 && verdict.unbeaten.includes(setting.label) && (
                    <small>unbeaten</small>
                  )}
                </th>
                {known.map((figure) => {
                  const { value, interval } = figure.of(setting);
                  const format = figure.inColumn ?? figure.format;
                  return (
                    <td key={figure.name} class="number">
                      {value === null ? UNKNOWN : format(value)}
                      <small>{interval === null ? '' : intervalText({ format }, interval)}</small>
                    </td>
                  );
                })}
                {objectives.length > 0 && <Met setting={setting} />}
                <td class="number">
                  {setting.n.toLocaleString('en-US')}
                  {setting.failed > 0 && (
                    <small class="bad">{setting.failed.toLocaleString('en-US')} failed</small>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {known.length === 0 && <p class="muted small">No figure is known yet.</p>}
      <PassRates settings={settings} />
    </Section>
  );
};

const Met = ({ setting: { objectives_met, n, failed, goodput_per_s } }: { setting: ComparedSetting }) => (
  <td class="number">
    {objectives_met === null ? UNKNOWN : `${objectives_met} of ${n + failed}`}
    <small>{goodput_per_s?.toFixed(2) ?? ''}</small>
  </td>
);

const rate = FIGURES.find(({ name }) => name === 'pass_rate');

/** How many answers passed, in words, where there are checks. */
const PassRates = ({ settings }: { settings: readonly ComparedSetting[] }) => {
  if (!rate || settings.every(({ pass_rate }) => pass_rate === null)) return null;
  return (
    <p class="small muted pass-rates">
      Passed all checks:{' '}
      {settings.map(({ label, pass_rate }, at) => (
        <span key={label}>
          {at > 0 && ', '}
          <bdi>{shownLine(label)}</bdi>{' '}
          {pass_rate === null
            ? UNKNOWN
            : `${pass_rate.passed} of ${counted(pass_rate.n, 'answer')} (${withUnit(rate, pass_rate.rate)})`}
        </span>
      ))}
      .
    </p>
  );
};
