import { expect, test } from 'vitest';
import { programName } from '../../cli/program-name.ts';

const PATH = '/usr/bin:/opt/node/bin';

test('hints begin with npx in a checkout, and where npx runs the package', () => {
  expect(programName('/home/me/everytoken/cli/everytoken.ts', { PATH }, true)).toBe('npx everytoken');
  expect(
    programName('/home/me/.npm/_npx/1/node_modules/.bin/everytoken', { PATH, npm_command: 'exec' }, false),
  ).toBe('npx everytoken');
});

test('hints have the name alone where a shell finds it', () => {
  expect(programName('/opt/node/bin/everytoken', { PATH }, true)).toBe('everytoken');
  expect(programName('/opt/app/dist/cli/everytoken.js', { PATH }, false)).toBe('everytoken');
});
