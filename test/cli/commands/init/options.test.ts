import { describe, expect, test } from 'vitest';
import { initOptions } from './init-options.ts';

describe('the options of init', () => {
  test('default to checking keys, models and index, and to creating the index', () => {
    expect(initOptions([])).toEqual({
      stage: undefined,
      region: undefined,
      rotate: false,
      checkOnly: false,
      tryModel: false,
      cloud: 'aws',
      indexRegion: 'us-east-1',
      timeoutMs: 15_000,
    });
    expect(initOptions(['--stage', 'prod', '--rotate', '--timeout', '2.5'])).toMatchObject({
      stage: 'prod',
      rotate: true,
      timeoutMs: 2_500,
    });
  });

  test.each([
    [['--stage', '../prod'], 'Give a name of letters'],
    [['--rotate'], 'need --stage'],
    [['--region', 'eu-west-1'], 'need --stage'],
    [['--stage', 'prod', '--rotate', '--check'], "'--check' cannot be used with option '--rotate'"],
    [['--cloud', 'moon'], 'Allowed choices are aws, gcp, azure'],
    [['--timeout', '0'], 'Give seconds'],
    [['--timeout', 'soon'], 'Give seconds'],
    [['--try', 'twice'], 'too many arguments'],
  ])('reject %j with the accepted values', (words, message) => {
    expect(() => initOptions(words)).toThrow(message);
  });
});
