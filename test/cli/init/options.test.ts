import { describe, expect, test } from 'vitest';
import { parseInitOptions } from '../../../cli/init/options.ts';

describe('the options of init', () => {
  test('default to a check of keys, models and index', () => {
    expect(parseInitOptions([])).toEqual({
      stage: undefined,
      region: undefined,
      rotates: false,
      looksOnly: false,
      tries: false,
      cloud: 'aws',
      indexRegion: 'us-east-1',
      timeoutMs: 15_000,
    });
    expect(parseInitOptions(['--stage', 'prod', '--rotate', '--timeout', '2.5'])).toMatchObject({
      stage: 'prod',
      rotates: true,
      timeoutMs: 2_500,
    });
  });

  test.each([
    [['--stage', '../prod'], '--stage takes the name of a stage'],
    [['--rotate'], 'need --stage'],
    [['--region', 'eu-west-1'], 'need --stage'],
    [['--stage', 'prod', '--rotate', '--check'], '--check stores nothing'],
    [['--cloud', 'moon'], '--cloud takes one of aws, gcp, azure'],
    [['--timeout', '0'], '--timeout takes seconds'],
    [['--timeout', 'soon'], '--timeout takes seconds'],
    [['--try', 'twice'], 'write npx everytoken init'],
  ])('refuse %j and print the usage', (words, message) => {
    expect(() => parseInitOptions(words)).toThrow(message);
  });
});
