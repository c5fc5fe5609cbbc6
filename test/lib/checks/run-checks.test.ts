import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Check, checkSchema } from '../../../lib/checks/check.ts';
import { makeChecker, validateChecks } from '../../../lib/checks/run-checks.ts';
import { InvalidInputError } from '../../../lib/errors.ts';

const messages = async (checks: Check[], text: string) =>
  (await (await makeChecker(checks))(text)).map(({ message }) => message);
const passes = async (check: Check, text: string) => {
  const [result] = await (await makeChecker([check]))(text);
  expect(result?.message === null).toBe(result?.passed);
  return result?.passed;
};
const issuesOf = async (checks: Check[]) => {
  try {
    await validateChecks(checks);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidInputError);
    return error instanceof InvalidInputError
      ? error.issues.map(({ path, message }) => `${path} ${message}`)
      : [];
  }
};
const UNDECIDED = 'is undecided: this check needs more work than the limit for one text';

describe('contains', () => {
  test('matches the value exactly: case, accents and punctuation count', async () => {
    const text = 'HNSW (a graph) for cafés';
    for (const [value, found] of [
      ['HNSW', true],
      ['hnsw', false],
      ['(a graph)', true],
      ['cafe\u0301', false],
    ] as const)
      expect(await passes({ type: 'contains', value }, text)).toBe(found);
    expect(await messages([{ type: 'contains', value: 'x' }], 'secret')).toEqual([
      'does not contain the value',
    ]);
  });

  test('agrees with String.includes', async () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '🙂', '\u0301') });
    await fc.assert(
      fc.asyncProperty(letters, letters, async (text, value) => {
        fc.pre(value !== '');
        expect(await passes({ type: 'contains', value }, text)).toBe(text.includes(value));
      }),
    );
  });
});

describe('regex', () => {
  test.each([
    ['\\bHNSW\\b', 'about HNSW.', true],
    ['^HNSW$', 'about HNSW.', false],
    ['(?i)hnsw', 'about HNSW.', true],
    ['(?m)^- ', 'a list:\n- one', true],
    ['^.$', '🙂', true],
    ['\\p{Greek}', 'αβγ', true],
    ['a.b', 'a\nb', false],
    ['', '', true],
  ])('%s on %j: %s', async (pattern, text, found) =>
    expect(await passes({ type: 'regex', pattern }, text)).toBe(found),
  );

  test('agrees with JavaScript on syntax that both share', async () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '(a|b)', '(ab)', '\\d', '^', '$', '\\b');
    const repeat = fc.constantFrom('', '*', '+', '?', '{2}', '{0,2}', '*?');
    const pattern = fc
      .array(fc.tuple(atom, repeat), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.map(([one, times]) => (/^[$^]|^\\b/.test(one) ? one : one + times)).join(''));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '1', ' '), maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(pattern, text, async (source, tried) => {
        expect(await passes({ type: 'regex', pattern: source }, tried)).toBe(new RegExp(source).test(tried));
      }),
      { numRuns: 300 },
    );
  });

  test.each([['(a+)+$'], ['(a|aa)+$'], ['(.*a){20}$'], ['^(([a-z])+.)+[A-Z]([a-z])+$'], ['(a*)*b']])(
    'ends on a megabyte that would never end in a backtracking engine: %s',
    async (pattern) => {
      expect(await passes({ type: 'regex', pattern }, `${'a'.repeat(1_000_000)}!`)).toBe(false);
    },
  );

  test('is undecided when a large pattern on a long text needs too much work', async () => {
    const check: Check = { type: 'regex', pattern: 'a[ab]{900}$' };
    expect(await messages([check], 'a'.repeat(10_000))).toEqual([null]);
    expect(await messages([check, { type: 'contains', value: 'a' }], 'a'.repeat(1_000_000))).toEqual([
      UNDECIDED,
      null,
    ]);
  });

  test.each([
    ['a(', 'is not a pattern in RE2 syntax: missing closing ): `a(`'],
    ['(?=a)', 'is not a pattern in RE2 syntax: invalid or unsupported Perl syntax: `(?=`'],
    ['(a)\\1', 'is not a pattern in RE2 syntax: invalid escape sequence: `\\1`'],
    ['a{1001}', 'is not a pattern in RE2 syntax: invalid repeat count: `{1001}`'],
    [
      '(x?){1000}',
      'is too large: its repeats and classes unfold to 4002 steps, the limit is 2000; use smaller ones',
    ],
  ])('refuses %s by its path', async (pattern, message) => {
    const checks: Check[] = [
      { type: 'max_length', value: 1 },
      { type: 'regex', pattern },
    ];
    expect(await issuesOf(checks)).toEqual([`checks.1.pattern ${message}`]);
  });
});

describe('the patterns of a request', () => {
  const regexes = (patterns: string[]): Check[] => patterns.map((pattern) => ({ type: 'regex', pattern }));
  const times = (make: (at: number) => string): Check[] =>
    regexes(Array.from({ length: 20 }, (_, at) => make(at)));
  const TOGETHER =
    'takes the patterns of all checks together over 2500 steps; use fewer patterns, or smaller repeats and classes';

  test('share a budget of steps, in which equal ones count once', async () => {
    expect(await issuesOf(times(() => 'a{0,900}'))).toEqual([]);
    const schema = (pattern: string): Check => ({ type: 'json_schema', schema: { pattern } });
    expect(await issuesOf(regexes(['a{0,900}', 'b{0,900}']))).toEqual([`checks.1.pattern ${TOGETHER}`]);
    expect(await issuesOf([schema('a{0,900}'), schema('b{0,900}')])).toEqual([
      `checks.1.schema.pattern ${TOGETHER}`,
    ]);
  });

  test.each([
    ['repeats that unfold', times((at) => `${at}${'a{0,1000}'.repeat(110)}`)],
    ['nested repeats', times((at) => `((a{0,9${at}}){0,100}){0,100}`)],
    ['Unicode classes', times((at) => `${at}(?i)[${'\\pL'.repeat(320)}]`)],
    ['folded ranges', times((at) => `${at}(?i)[${'\u0100-\u{1e900}'.repeat(240)}]`)],
    ['alternations', times((at) => `${at}${'abc|d|'.repeat(160)}`)],
    ['open groups', times((at) => `${at}${'('.repeat(990)}`)],
    ['invalid syntax', times((at) => `${at}(?:${'a*b'.repeat(30)}`)],
    [
      'valid ones before invalid syntax',
      times((at) => `^${'(?:a|bc?)'.repeat(8 + at)}$${at < 19 ? '' : '('}`),
    ],
    [
      'a schema of patterns',
      [
        {
          type: 'json_schema',
          schema: { anyOf: Array.from({ length: 40 }, (_, at) => ({ pattern: `${at}a{0,50}`.repeat(9) })) },
        },
      ] satisfies Check[],
    ],
  ])('are refused within 50 ms of processor time: %s', async (_title, checks) => {
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 3; round++) {
      const before = process.threadCpuUsage();
      await expect(validateChecks(checks)).rejects.toThrow(InvalidInputError);
      const { user, system } = process.threadCpuUsage(before);
      least = Math.min(least, (user + system) / 1_000);
    }
    expect(least).toBeLessThan(50);
  });

  test('never take the memory of a function, neither at their limit nor beyond it', async () => {
    const checks: Check[][] = [
      times((at) => `${at}${'a{0,1000}'.repeat(110)}`),
      times((at) => `((a{0,9${at}}){0,100}){0,100}`),
      regexes(['^(?:\\pL|\\d{0,9}){0,50}$', '(?i)a{0,500}']),
    ];
    const script = `
      const { parentPort, workerData } = require('node:worker_threads');
      const judge = ({ makeChecker, validateChecks }) =>
        workerData.checks.map((checks) =>
          validateChecks(checks).then(
            async () => (await (await makeChecker(checks))('a'.repeat(10_000))).length,
            ({ code }) => code,
          ));
      import(workerData.module).then(judge).then((all) => Promise.all(all)).then((all) => parentPort.postMessage(all));`;
    const module = new URL('../../../lib/checks/run-checks.ts', import.meta.url).href;
    const worker = new Worker(script, {
      eval: true,
      workerData: { checks, module },
      resourceLimits: { maxOldGenerationSizeMb: 64 },
    });
    const [answers] = await once(worker, 'message');
    expect(answers).toEqual(['invalid_input', 'invalid_input', 2]);
    await worker.terminate();
  });

  test('fail every text where a run was accepted that exceeds them now, so that it ends', async () => {
    const check = await makeChecker(regexes(['(', 'a{0,1000}{0,1000}', 'b']));
    expect(await check('b')).toEqual([
      { type: 'regex', passed: false, message: expect.stringMatching(/^is not a pattern in RE2 syntax/) },
      { type: 'regex', passed: false, message: expect.stringMatching(/^is too large/) },
      { type: 'regex', passed: true, message: null },
    ]);
  });
});

describe('json_schema', () => {
  const check: Check = {
    type: 'json_schema',
    schema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
  };

  test.each([
    [' {"n": 1}\n', null],
    ['{"n": 1.5}', 'n must be of type integer'],
    ['{}', 'must have the field n'],
    ['```json\n{"n": 1}\n```', 'is not JSON'],
    ['', 'is not JSON'],
    ['{"n": 1} and more', 'is not JSON'],
    ['['.repeat(200_000), 'is not JSON'],
    [`${'['.repeat(50_000)}${']'.repeat(50_000)}`, 'is nested deeper than 100 levels'],
  ])('checks a text as a whole', async (text, message) =>
    expect(await messages([check], text)).toEqual([message]),
  );

  test('reports all bad patterns and schemas at once, each by its path', async () => {
    const schemas: Check[] = [
      { type: 'json_schema', schema: { $ref: 'other.json' } },
      { type: 'regex', pattern: '[' },
      { type: 'json_schema', schema: { properties: { a: { pattern: '[' } } } },
    ];
    expect((await issuesOf(schemas)).map((issue) => issue.split(' ')[0])).toEqual([
      'checks.0.schema.$ref',
      'checks.1.pattern',
      'checks.2.schema.properties.a.pattern',
    ]);
  });

  test('allows at most forty patterns in all schemas together', async () => {
    const of = (count: number): Check => ({
      type: 'json_schema',
      schema: { anyOf: Array.from({ length: count }, () => ({ pattern: 'a' })) },
    });
    expect(await issuesOf([of(20), of(20)])).toEqual([]);
    expect(await issuesOf([of(20), of(21)])).toEqual([
      'checks.1.schema.anyOf.20.pattern exceeds the limit of 40 patterns in all schemas together',
    ]);
  });
});

describe('min_length and max_length', () => {
  test('count graphemes, and report the count', async () => {
    const text = '👨‍👩‍👧‍👦🇩🇪e\u0301\r\n';
    expect(
      await messages(
        [
          { type: 'min_length', value: 4 },
          { type: 'max_length', value: 4 },
        ],
        text,
      ),
    ).toEqual([null, null]);
    expect(
      await messages(
        [
          { type: 'min_length', value: 5 },
          { type: 'max_length', value: 3 },
        ],
        text,
      ),
    ).toEqual(['has 4 characters, but must have at least 5', 'has 4 characters, but may have at most 3']);
    expect(
      await messages(
        [
          { type: 'min_length', value: 0 },
          { type: 'max_length', value: 0 },
        ],
        '',
      ),
    ).toEqual([null, null]);
  });

  test('pass exactly when the bound holds', async () => {
    const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
    const text = fc.string({
      unit: fc.constantFrom('a', ' ', '🙂', '\u200d', '\u0301', '🇩', '\r', '\n', '한', 'ᄀ'),
    });
    await fc.assert(
      fc.asyncProperty(text, fc.nat({ max: 12 }), async (tried, value) => {
        const count = [...segmenter.segment(tried)].length;
        expect(await passes({ type: 'min_length', value }, tried)).toBe(count >= value);
        expect(await passes({ type: 'max_length', value }, tried)).toBe(count <= value);
      }),
    );
  });
});

describe('a checker', () => {
  test('returns a result for each check, in order, on any text', async () => {
    const check = fc.oneof(
      fc.record({ type: fc.constant('contains' as const), value: fc.string({ minLength: 1 }) }),
      fc.record({ type: fc.constant('regex' as const), pattern: fc.constantFrom('a', '^$', '(.*)*x') }),
      fc.record({
        type: fc.constant('json_schema' as const),
        schema: fc.constantFrom({}, { type: 'array' }),
      }),
      fc.record({ type: fc.constantFrom('min_length' as const, 'max_length' as const), value: fc.nat() }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(check, { maxLength: 5 }),
        fc.string({ unit: 'binary' }),
        async (checks, text) => {
          const results = await (await makeChecker(checks))(text);
          expect(results.map(({ type }) => type)).toEqual(checks.map(({ type }) => type));
          for (const { passed, message } of results) expect(message === null).toBe(passed);
        },
      ),
    );
  });

  test('stops working on a text once the limit for all its checks is reached', async () => {
    const checks: Check[] = Array.from({ length: 20 }, () => ({ type: 'regex', pattern: 'b[ab]{50}$' }));
    const results = await messages(checks, 'a'.repeat(1_000_000));
    expect(results[0]).toBe('the pattern matches nowhere');
    expect(new Set(results.slice(1))).toEqual(new Set([UNDECIDED]));
  });
});

describe('checkSchema', () => {
  test.each([
    [{ type: 'contains', value: '' }],
    [{ type: 'contains', value: 'x'.repeat(1_001) }],
    [{ type: 'contains', value: '\ud800' }],
    [{ type: 'regex', pattern: 'x'.repeat(1_001) }],
    [{ type: 'json_schema', schema: [] }],
    [{ type: 'json_schema', schema: true }],
    [{ type: 'min_length', value: 1.5 }],
    [{ type: 'max_length', value: -1 }],
    [{ type: 'toString' }],
  ])('refuses %j', (check) => expect(checkSchema.safeParse(check).success).toBe(false));
});
