import { writeFileSync } from 'node:fs';
import { openapiDocument } from '../lib/http/openapi/document.ts';
import { type ApiDocument, clientTypes } from './client-types.ts';

// `npm run openapi` writes docs/openapi.json and the client's types, which are made from it. A test compares each of the
// committed files with the code.

const write = (path: string, text: string) => writeFileSync(new URL(`../${path}`, import.meta.url), text);

const text = `${JSON.stringify(openapiDocument(), null, 2)}\n`;
write('docs/openapi.json', text);
write('client/api-types.ts', await clientTypes(JSON.parse(text) as ApiDocument));
