import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cliReference, withReference } from '../../tools/cli-docs/reference.ts';

test('docs/cli.md has the help of every command as --help prints it (npm run cli-docs writes it)', async () => {
  const document = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
  expect(document).toBe(withReference(document, await cliReference()));
});

test('every command has a summary in lower case and an example in its help', async () => {
  const sections = (await cliReference()).split(/^## /m).slice(2);
  for (const section of sections) {
    const name = section.slice(0, section.indexOf('\n'));
    expect(section, name).toMatch(/^Usage: everytoken /m);
    expect(section, name).toMatch(/^Examples:\n {2}(source <\()?everytoken /m);
  }
});
