import { readFileSync, writeFileSync } from 'node:fs';
import { cliReference, withReference } from './reference.ts';

// `npm run cli-docs` writes the reference of docs/cli.md. A test compares the committed document with the code.

const file = new URL('../../docs/cli.md', import.meta.url);
writeFileSync(file, withReference(readFileSync(file, 'utf8'), await cliReference()));
