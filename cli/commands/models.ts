import type { ModelList } from '../../client/index.ts';
import { useApi, withApi, withTable } from '../api-command.ts';
import { type Define, examples } from '../command.ts';
import { type Column, printTable } from '../terminal/print-table.ts';
import { printableLine } from '../terminal/printable.ts';
import { dollars, UNKNOWN } from '../terminal/units.ts';

const LEGEND = `
Fields of a run: yes, no (refused), - (dropped without effect), ? (not known), or
none: at reasoning effort none alone. Prices are US dollars per million tokens.`;

type Model = ModelList['data'][number];
type Sampling = NonNullable<Model['sampling']>;

const WORDS: ReadonlyMap<string, string> = new Map([
  ['always', 'yes'],
  ['applied', 'yes'],
  ['never', 'no'],
  ['refused', 'no'],
  ['dropped', '-'],
  ['at_effort_none', 'none'],
  ['only_none', 'none'],
]);

type Field = 'temperature' | 'top_p' | 'top_k' | 'logprobs' | 'tools' | 'reasoning_effort';

const field = (title: string, name: Field & keyof Sampling): Column<Model> => ({
  title,
  text: ({ sampling }) => (sampling === null ? '' : (WORDS.get(sampling[name]) ?? '?')),
  csv: ({ sampling }) => sampling?.[name] ?? null,
  left: true,
  optional: 2,
});

const COLUMNS: Column<Model>[] = [
  { title: 'model', text: ({ id }) => id, left: true },
  { title: 'in', text: ({ price }) => dollars(price?.input), csv: ({ price }) => price?.input },
  {
    title: 'cached',
    text: ({ price }) => dollars(price?.cached),
    csv: ({ price }) => price?.cached,
    optional: 4,
  },
  { title: 'out', text: ({ price }) => dollars(price?.output), csv: ({ price }) => price?.output },
  {
    title: 'as of',
    text: ({ price }) => price?.as_of ?? UNKNOWN,
    csv: ({ price }) => price?.as_of,
    left: true,
    optional: 3,
  },
  field('temp.', 'temperature'),
  field('top-p', 'top_p'),
  field('top-k', 'top_k'),
  field('logprobs', 'logprobs'),
  field('tools', 'tools'),
  field('effort', 'reasoning_effort'),
  {
    title: 'shutdown',
    text: shutdownOf,
    csv: ({ shutdown_date }) => shutdown_date,
    left: true,
    optional: true,
  },
  {
    title: 'instead',
    text: ({ replacement }) => replacement ?? '',
    csv: ({ replacement }) => replacement,
    left: true,
    optional: 5,
  },
];

function shutdownOf({ shutdown_date, retired }: Model): string {
  return retired ? `retired ${shutdown_date ?? ''}` : (shutdown_date ?? UNKNOWN);
}

export const define: Define = (command) => {
  withApi(
    withTable(
      command
        .argument('[filter]', 'only models with this in their name or in that of their provider')
        .option('--retired', 'also models that were shut down'),
    ),
  )
    .addHelpText('after', LEGEND)
    .addHelpText(
      'after',
      examples(
        ['everytoken models', 'the models of the local stack'],
        ['everytoken models luna --stage prod', 'those of a deployment with a name like it'],
        ['everytoken models --csv > models.csv', ''],
      ),
    )
    .action((filter, options) =>
      useApi(options, async ({ client, screen, json, note, signal }) => {
        const list = await client.models({ signal });
        const word = filter?.toLowerCase() ?? '';
        const found = list.data.filter(({ id, provider }) =>
          [id, provider].some((name) => name.toLowerCase().includes(word)),
        );
        if (options.json) return json(filter === undefined ? list : { ...list, data: found });
        const shown = found.filter(({ retired }) => options.retired || !retired);
        printTable(screen, COLUMNS, shown, { csv: options.csv });
        for (const { name, error } of list.providers)
          if (error !== null)
            note(`the models of ${printableLine(name)} are not known: ${printableLine(error.message)}`);
        const hidden = found.length - shown.length;
        if (hidden > 0)
          note(`${hidden} ${hidden === 1 ? 'model is' : 'models are'} retired: --retired lists them`);
        else if (found.length === 0) note('no model has this in its name');
      }),
    );
};
