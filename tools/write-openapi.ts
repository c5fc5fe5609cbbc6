import { writeFileSync } from 'node:fs';
import { openapiDocument } from '../lib/http/openapi/document.ts';

// `npm run openapi`: writes the document that is committed; a test compares it with the code.

const file = new URL('../docs/openapi.json', import.meta.url);
writeFileSync(file, `${JSON.stringify(openapiDocument(), null, 2)}\n`);
