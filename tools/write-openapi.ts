import { writeFileSync } from 'node:fs';
import { openapiDocument } from '../lib/http/openapi/document.ts';

// `npm run openapi` writes docs/openapi.json. A test compares the committed file with the code.

const file = new URL('../docs/openapi.json', import.meta.url);
writeFileSync(file, `${JSON.stringify(openapiDocument(), null, 2)}\n`);
