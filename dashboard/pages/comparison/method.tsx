import type { ComparedSetting, Comparison } from '../../../client/index.ts';
import { statedObjectives, totalCostText } from '../../../report/comparison-words.ts';
import { counted, dollars } from '../../../report/figures.ts';
import { shownLine } from '../../../report/shown-text.ts';
import { spanText } from '../../parts/duration.ts';
import { Scroll } from '../../parts/scroll.tsx';
import { Section } from '../../parts/section.tsx';
import { SettingName } from '../../parts/setting-name.tsx';
import { When } from '../../parts/when.tsx';
import { Named, Sentence } from './words.tsx';

/** How it was measured, what was asked for and applied, and the notes of the API. */
export const Method = ({ comparison }: { comparison: Comparison }) => {
  const { settings, prompts, samples, progress, warm_up, wall_time_ms, stopped, notes, created_at } =
    comparison;
  const objectives = statedObjectives(comparison);
  const metadata = Object.entries(comparison.metadata);
  return (
    <>
      <Section
        title="Method"
        beside={
          <p class="small muted">
            <a href="docs">API reference</a>; <code>docs/comparisons.md</code> says how often its findings are
            right.
          </p>
        }
      >
        <dl class="facts">
          <dt>Design</dt>
          <dd>
            {counted(prompts, 'prompt')} × {counted(samples, 'sample')} = {counted(progress.blocks, 'block')}.
            A block is one prompt with every setting once: {counted(progress.generations, 'answer')} in all
          </dd>
          <dt>Order</dt>
          <dd>
            Blocks in random order, and settings in random order within each, so that drift affects all alike
          </dd>
          <dt>Load</dt>
          <dd>
            The answers of a block run at the same time, at most 8 at once, and several blocks side by side:
            times hold under this load
          </dd>
          <dt>Warm-up</dt>
          <dd>
            {counted(warm_up.runs, 'request')}, one to each model, three seconds ahead; in none of the figures
          </dd>
          <dt>When</dt>
          <dd>
            <When at={created_at} />
            {wall_time_ms !== null && `, ${spanText(wall_time_ms)} from the first dispatch to the last end`}
          </dd>
          {stopped && (
            <>
              <dt>Stopped</dt>
              <dd>
                {stopped.code.replaceAll('_', ' ')}, <When at={stopped.at} />
              </dd>
            </>
          )}
          <dt>Objectives</dt>
          <dd>{objectives.length === 0 ? 'none was stated' : objectives.join(', ')}</dd>
          <dt>Cost</dt>
          <dd>
            {totalCostText(comparison)} The warm-ups: {dollars(warm_up.cost_usd)}.
          </dd>
          {metadata.map(([key, value]) => (
            <>
              <dt>
                <bdi>{shownLine(key)}</bdi>
              </dt>
              <dd>
                <bdi>{shownLine(value)}</bdi>
              </dd>
            </>
          ))}
        </dl>
      </Section>
      <Section title="Settings as asked for, and as the server applied them">
        <Scroll label="Settings as asked for and as applied">
          <table>
            <thead>
              <tr>
                {['Setting', 'Model', 'Asked for', 'Sent', 'Applied'].map((title) => (
                  <th key={title} scope="col">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {settings.map((setting, at) => (
                <tr key={setting.label}>
                  <th scope="row">
                    <SettingName label={setting.label} at={at} />
                  </th>
                  <td>
                    <code>{shownLine(setting.model)}</code>
                  </td>
                  <td>
                    <Fields fields={setting.requested} />
                  </td>
                  <td>
                    {setting.sampling === null ? 'not known' : <Fields fields={setting.sampling.sent} />}
                  </td>
                  <td>
                    <Applied setting={setting} settings={settings} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </Section>
      {notes.length > 0 && (
        <Section title="Notes">
          <ul class="sentences">
            {notes.map((note) => (
              <li key={note}>
                <Sentence text={note} />
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
};

const Applied = ({
  setting: { sampling, same_as },
  settings,
}: {
  setting: ComparedSetting;
  settings: readonly ComparedSetting[];
}) => (
  <>
    {sampling === null ? 'not known' : <Fields fields={sampling.effective} />}
    {sampling?.warnings.map((warning) => (
      <p key={warning} class="small bad">
        <Sentence text={warning} />
      </p>
    ))}
    {same_as !== null && (
      <p class="small bad">
        Came to the same request as <Named label={same_as} settings={settings} />, so it is not compared.
      </p>
    )}
  </>
);

const Fields = ({ fields }: { fields: { [name: string]: unknown } }) => {
  const entries = Object.entries(fields);
  if (entries.length === 0) return <span class="muted">nothing</span>;
  return (
    <ul>
      {entries.map(([name, value]) => (
        <li key={name}>
          <code>{shownLine(name)}</code>{' '}
          {value === null ? (
            <span class="muted">not applied, or not known to be</span>
          ) : (
            <bdi>{shownLine(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))}</bdi>
          )}
        </li>
      ))}
    </ul>
  );
};
