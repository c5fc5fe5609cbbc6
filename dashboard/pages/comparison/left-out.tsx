import type { ComparedSetting, Comparison } from '../../../client/index.ts';
import { counted } from '../../../report/figures.ts';
import { shownLine } from '../../../report/shown-text.ts';
import { Scroll } from '../../parts/scroll.tsx';
import { Section } from '../../parts/section.tsx';
import { SettingName } from '../../parts/setting-name.tsx';

const COLUMNS: readonly [title: string, small: string, of: (setting: ComparedSetting) => number][] = [
  ['Answers', '', ({ n }) => n],
  ['Failed', '', ({ failed }) => failed],
  ['Cold starts', '', ({ cold }) => cold.n],
  ['First token', 'uncertain', ({ uncertain }) => uncertain.ttft_ms],
  ['Per token', 'uncertain', ({ uncertain }) => uncertain.tpot_ms],
  ['Total time', 'uncertain', ({ uncertain }) => uncertain.e2e_ms],
  ['Cost', 'price unknown', ({ cost_usd }) => cost_usd.unpriced],
];

/** The answers and times that are in no figure, and why. */
export const LeftOut = ({ comparison: { settings, warm_up } }: { comparison: Comparison }) => {
  const failures = settings.flatMap(({ label, errors }, at) =>
    Object.entries(errors).map(([code, n]) => ({ label, at, code, n })),
  );
  return (
    <Section title="Left out, and why">
      {failures.length > 0 && (
        <ul class="sentences failures">
          {failures.map(({ label, at, code, n }) => (
            <li key={JSON.stringify([label, code])}>
              <SettingName label={label} at={at} />: {n.toLocaleString('en-US')} ×{' '}
              <code>{shownLine(code)}</code>
            </li>
          ))}
        </ul>
      )}
      <Scroll label="Answers and times that are left out">
        <table>
          <thead>
            <tr>
              <th scope="col">Setting</th>
              {COLUMNS.map(([title, small]) => (
                <th key={title} scope="col" class="number">
                  {title}
                  <small>{small}</small>
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
                {COLUMNS.map(([title, , of]) => (
                  <td key={title} class={`number${of(setting) === 0 ? ' muted' : ''}`}>
                    {of(setting).toLocaleString('en-US')}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <p class="small muted note">
        Failed answers are in no figure, nor are their pairs. Times of cold starts stand apart. A time is
        uncertain when the process that read it may have read its bytes late, by more than 5 ms and 5% of it.{' '}
        {counted(warm_up.runs, 'warm-up request')} went first and {warm_up.runs === 1 ? 'is' : 'are'} in no
        figure
        {warm_up.failed > 0 && ` (${warm_up.failed} failed)`}.
      </p>
    </Section>
  );
};
