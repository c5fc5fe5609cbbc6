import { readFileSync } from 'node:fs';
import { parseSync } from '@swc/core';

/** The names of an interface's properties in the types of OpenAI's SDK; `file` is below its folder of resources. */
export const propertiesOf = (name: string, file: string): string[] => {
  const url = new URL(`../../../../node_modules/openai/resources/${file}`, import.meta.url);
  return parseSync(readFileSync(url, 'utf8'), { syntax: 'typescript' })
    .body.map((item) => (item.type === 'ExportDeclaration' ? item.declaration : item))
    .filter((item) => item.type === 'TsInterfaceDeclaration')
    .filter(({ id }) => id.value === name)
    .flatMap(({ body }) => body.body)
    .flatMap((member) =>
      member.type === 'TsPropertySignature' && member.key.type === 'Identifier' ? [member.key.value] : [],
    );
};
