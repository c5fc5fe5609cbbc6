import { writeFileSync } from 'node:fs';
import { openapiDocument } from './document.ts';

// Writes docs/openapi.json, which the API serves. After a change to routes or schemas:
//   node lib/http/openapi/write-openapi.ts && biome format --write docs/openapi.json
writeFileSync(
  new URL('../../../docs/openapi.json', import.meta.url),
  `${JSON.stringify(openapiDocument(), null, 2)}\n`,
);
