import { describe, expect, test } from 'vitest';
import { parseInitOptions } from '../../../cli/init/options.ts';

describe('the options of init', () => {
  test('default to checking keys, models and index, and to creating the index', () => {
    expect(parseInitOptions([])).toEqual({
      stage: undefined,
      region: undefined,
      rotate: false,
      checkOnly: false,
      tryModel: false,
      cloud: 'aws',
      indexRegion: 'us-east-1',
      timeoutMs: 15_000,
    });
    expect(parseInitOptions(['--stage', 'prod', '--rotate', '--timeout', '2.5'])).toMatchObject({
      stage: 'prod',
      rotate: true,
      timeoutMs: 2_500,
    });
  });

  test.each([
    [['--stage', '../prod'], '--stage takes a name of letters'],
    [['--rotate'], 'need --stage'],
    [['--region', 'eu-west-1'], 'need --stage'],
    [['--stage', 'prod', '--rotate', '--check'], '--check and --rotate exclude each other'],
    [['--cloud', 'moon'], '--cloud takes one of aws, gcp, azure'],
    [['--timeout', '0'], '--timeout takes seconds'],
    [['--timeout', 'soon'], '--timeout takes seconds'],
    [['--try', 'twice'], 'usage: npx everytoken init'],
  ])('reject %j with the accepted values', (words, message) => {
    expect(() => parseInitOptions(words)).toThrow(message);
  });
});
