import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { CallerList } from '../../../client/index.ts';
import { dollars, UNKNOWN } from '../../../report/figures.ts';
import { everytoken } from '../../api.ts';
import { changeQuery } from '../../location.ts';
import { Defined } from '../../parts/figure.tsx';
import { useLoad } from '../../parts/load.ts';
import { Scroll } from '../../parts/scroll.tsx';
import { Section } from '../../parts/section.tsx';
import { Loadable } from '../../parts/states.tsx';
import { tokensText } from './budget.tsx';
import { momentText } from './moments.ts';

const PAGE = 100;
const COLUMNS = 5;

const TERMS = [
  { title: 'Tokens left', definition: "Of the caller's budget of today, which begins at midnight UTC." },
  { title: 'Cost left', definition: "Of the caller's budget of today, in US dollars." },
  {
    title: 'Keys',
    definition:
      'Stored keys that are valid, and disabled ones. Keys of the configuration (EVERYTOKEN_API_KEYS) are not counted.',
  },
];

/** All callers with their budgets and last use, for an operator. */
export const Callers = () => (
  <Section title="Callers">
    <Scroll label="Callers and their budgets">
      <table class="callers">
        <thead>
          <tr>
            <th scope="col">Caller</th>
            <th scope="col">Last used</th>
            {TERMS.map(({ title, definition }) => (
              <th key={title} scope="col" class="number">
                <Defined definition={definition}>{title}</Defined>
              </th>
            ))}
          </tr>
        </thead>
        <CallerPage cursor={undefined} />
      </table>
    </Scroll>
  </Section>
);

/** A page of callers, and those after it once they are asked for. */
const CallerPage = ({ cursor }: { cursor: string | undefined }) => {
  const [isMore, setMore] = useState(false);
  const page = useLoad(
    (signal) =>
      everytoken().callers(cursor === undefined ? { limit: PAGE } : { limit: PAGE, cursor }, { signal }),
    [cursor],
  );
  const next = page.value?.next_cursor ?? undefined;
  return (
    <>
      <tbody>
        {page.value === undefined ? (
          <Row>
            <Loadable of={page} what="the callers">
              {() => null}
            </Loadable>
          </Row>
        ) : (
          page.value.data.map((caller) => <Caller key={caller.caller} {...caller} />)
        )}
        {page.value?.data.length === 0 && (
          <Row>No caller yet: npx everytoken keys add makes a key for one.</Row>
        )}
        {next !== undefined && !isMore && (
          <Row>
            <button type="button" class="button" onClick={() => setMore(true)}>
              More callers
            </button>
          </Row>
        )}
      </tbody>
      {next !== undefined && isMore && <CallerPage cursor={next} />}
    </>
  );
};

const Row = ({ children }: { children: ComponentChildren }) => (
  <tr>
    <td colSpan={COLUMNS}>{children}</td>
  </tr>
);

const Caller = ({ caller, last_used_at, budget, keys }: CallerList['data'][number]) => (
  <tr>
    <th scope="row">
      <button
        type="button"
        class="link"
        aria-label={`Usage of ${caller} alone`}
        onClick={() => changeQuery({ caller })}
      >
        <bdi>{caller}</bdi>
      </button>
    </th>
    <td>{last_used_at === null ? 'never' : momentText(last_used_at)}</td>
    <td class="number">{leftOf(budget?.tokens, tokensText)}</td>
    <td class="number">{leftOf(budget?.cost_usd, dollars)}</td>
    <td class="number">{keysText(keys)}</td>
  </tr>
);

type Part = { limit: number; left: number } | null | undefined;

const leftOf = (part: Part, format: (value: number) => string): string =>
  part ? `${format(Math.max(0, part.left))} of ${format(part.limit)}` : 'not limited';

const keysText = (keys: CallerList['data'][number]['keys']): string => {
  if (keys === null) return UNKNOWN;
  const words = [`${keys.valid} valid`, ...(keys.disabled > 0 ? [`${keys.disabled} disabled`] : [])];
  return `${words.join(', ')}${keys.operator ? ", operator's" : ''}`;
};
