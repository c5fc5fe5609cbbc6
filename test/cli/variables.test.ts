import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { setVariables, VARIABLES, variablesHelp } from '../../cli/variables.ts';
import { withoutOwnServices } from '../../local/settings.ts';

const nameOf = ({ name }: { name: string }) => name;

test('describes every variable that the local stack reads from its user', () => {
  const { PATH, HOME, ...read } = withoutOwnServices({ PORT: '', EVERYTOKEN_DATA_DIR: '' });
  const described = VARIABLES.filter(({ group }) => group !== 'Commands').map(nameOf);
  expect(described.toSorted()).toEqual(Object.keys(read).toSorted());
});

test('marks every key as a secret, and variables that may hold one', () => {
  const marked = VARIABLES.filter(({ isSecret }) => isSecret).map(nameOf);
  expect(marked).toEqual(
    VARIABLES.map(nameOf).filter((name) => /KEYS?$|PROVIDERS/.test(name) && name !== 'USAGE_KEYS'),
  );
});

test('shows the values of variables that are set, and never that of a secret', () => {
  const shown = setVariables({
    PORT: '3001',
    OPENAI_API_KEY: 'sk-secret',
    OPENAI_BASE_URL: 'https://me:secret@models.example/v1?key=secret',
    PRICES: '{"a": 1}',
    DEFAULT_MODEL: 'chat\u001b[2J\u202e',
    ALLOWED_MODELS: '',
    UNRELATED: 'x',
  });
  expect(shown.map(({ variable, shown }) => [variable.name, shown])).toEqual([
    ['PORT', '3001'],
    ['OPENAI_API_KEY', 'set'],
    ['OPENAI_BASE_URL', 'https://models.example/v1'],
    ['DEFAULT_MODEL', 'chat'],
    ['PRICES', 'set'],
  ]);
});

test.for([60, 79, 139])('the table in the help fits into %i columns', (width) => {
  const lines = variablesHelp(width).split('\n').slice(2);
  expect(lines.filter((line) => stringWidth(line) > width)).toEqual([]);
});
