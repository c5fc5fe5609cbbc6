import './page.css';
import type { SearchAnswer } from '../../../client/index.ts';
import { hrefOf } from '../../address.ts';
import { everytoken, isRefusedKey } from '../../api.ts';
import { changeQuery } from '../../location.ts';
import { Segments } from '../../parts/fields.tsx';
import { type Loaded, useLoad } from '../../parts/load.ts';
import { Empty, Loadable } from '../../parts/states.tsx';
import { countOf, searchInputOf, type View, viewOf } from '../../search/search-input.ts';
import type { PageProps } from '../page-props.ts';
import { SearchForm } from './form.tsx';
import { VectorMap } from './map.tsx';
import { keyOf, Results } from './results.tsx';

const VIEWS = [
  { value: 'list', label: 'List' },
  { value: 'map', label: 'Map' },
] as const satisfies readonly { value: View; label: string }[];

/** Outputs by meaning and words, as a list and as a map. */
export const Page = ({ query }: PageProps) => {
  const input = searchInputOf(query);
  return (
    <>
      <header>
        <h1>Search</h1>
        {input && (
          <div class="end">
            <Segments
              label="View"
              choices={VIEWS}
              value={viewOf(query)}
              onChange={(view) => changeQuery({ view: view === 'list' ? null : view })}
            />
          </div>
        )}
      </header>
      <SearchForm query={query} />
      {input ? <Found query={query} input={input} /> : <Examples />}
    </>
  );
};

const Found = ({
  query,
  input,
}: {
  query: URLSearchParams;
  input: NonNullable<ReturnType<typeof searchInputOf>>;
}) => {
  const found = useLoad((signal) => everytoken().search(input, { signal }), [input]);
  if (isRefusedKey(found.error))
    return (
      <Empty title="This key may not read outputs">
        <p>
          An operator’s key reads figures and never texts. Change to the key of a caller to search its
          outputs.
        </p>
      </Empty>
    );
  return (
    <div class="found">
      <p class="unseen" role="status">
        {newsOf(found)}
      </p>
      <Loadable of={found} what="the search">
        {(answer) => <Answer answer={answer} query={query} text={input.query} />}
      </Loadable>
    </div>
  );
};

const newsOf = ({ value, isLoading }: Loaded<SearchAnswer>): string => {
  if (isLoading) return 'Searching';
  if (value === undefined) return '';
  return value.data.length === 1 ? '1 output found' : `${value.data.length} outputs found`;
};

const Answer = ({ answer, query, text }: { answer: SearchAnswer; query: URLSearchParams; text: string }) => {
  const { data, warnings = [] } = answer;
  if (data.length === 0)
    return (
      <Empty title="Nothing found">
        <p>
          No stored output meets all conditions. Outputs can be found a few seconds after their run has ended;
          runs with <code>"index": false</code> never are. Try fewer filters, or{' '}
          <a href={hrefOf(['runs'])}>look through the runs</a>.
        </p>
        {warnings.map((warning) => (
          <p key={warning}>{warning}</p>
        ))}
      </Empty>
    );
  const selected = query.get('result');
  return (
    <>
      {warnings.map((warning) => (
        <p key={warning} class="warning">
          {warning}
        </p>
      ))}
      {viewOf(query) === 'map' && (
        <VectorMap
          matches={data}
          selected={data.findIndex((match) => keyOf(match) === selected)}
          query={query}
        />
      )}
      <Results matches={data} query={text} selected={selected} isFull={data.length === countOf(query)} />
    </>
  );
};

const EXAMPLES = ['how a vector database finds neighbours', 'advantages of streaming tokens', 'ERR_4411'];

/** Says what can be searched, before the first search. */
const Examples = () => (
  <Empty title="Find outputs by what they mean">
    <p>
      A question or a few words find outputs about the same thing, also in other words. Rare words, names and
      identifiers are looked up literally, too.
    </p>
    <ul class="examples">
      {EXAMPLES.map((example) => (
        <li key={example}>
          <a class="button" href={hrefOf(['search'], { q: example })}>
            {example}
          </a>
        </li>
      ))}
    </ul>
    <p>
      Outputs come from <a href={hrefOf(['playground'])}>the playground</a>,{' '}
      <a href={hrefOf(['files'])}>files</a> and the API.
    </p>
  </Empty>
);
