import { readFileSync, writeFileSync } from 'node:fs';
import type { TriedClient } from './clients.ts';
import type { CheckResult } from './try-client.ts';

/** The checks of a client by the model that it asked: the local one, or the scripted one. */
export type ClientResults = {
  client: TriedClient;
  version: string;
  results: Record<'local' | 'scripted', CheckResult[]>;
};

/** The columns of the table. A client without a check has no such function. */
const CHECKS = ['whole', 'streamed', 'structured', 'tools', 'tools streamed'];
const BEGIN = '<!-- clients -->';
const END = '<!-- /clients -->';

/** The results as a table: a check passed with both models, or the models that it failed with. */
const tableOf = (all: readonly ClientResults[], day: string): string => {
  const cellOf = ({ results }: ClientResults, name: string): string => {
    const found = Object.entries(results).flatMap(([model, checks]) =>
      checks.filter(({ check }) => check === name).map(({ passed }) => ({ model, passed })),
    );
    if (found.length === 0) return '';
    const failed = found.filter(({ passed }) => !passed).map(({ model }) => model);
    return failed.length === 0 ? 'yes' : `not with the ${failed.join(' and the ')} model`;
  };
  return [
    `| client, on ${day} | version | ${CHECKS.join(' | ')} |`,
    `|---|---|${CHECKS.map(() => '---|').join('')}`,
    ...all.map(
      (one) =>
        `| ${one.client.name} | ${one.version} | ${CHECKS.map((name) => cellOf(one, name)).join(' | ')} |`,
    ),
  ].join('\n');
};

/**
 * Puts the table between its marks in a document.
 *
 * @throws {Error} when the document does not have the marks
 */
export const writeTable = (
  file: string,
  all: readonly ClientResults[],
  day = new Date().toISOString().slice(0, 10),
): void => {
  const text = readFileSync(file, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${file} has no ${BEGIN} … ${END}`);
  writeFileSync(file, `${before}${BEGIN}\n\n${tableOf(all, day)}\n\n${END}${after}`);
};
