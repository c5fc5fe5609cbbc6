import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeDynamoKeyStore } from '../../../lib/adapters/dynamodb/key-store.ts';
import { makeAuthenticate } from '../../../lib/http/authenticate.ts';
import { keyHash } from '../../../lib/keys/api-key.ts';
import { openTable } from '../../factories/dynamodb-table.ts';
import { stackCredentials } from '../../fixtures/aws-key.ts';
import { makeMemoryClock } from '../../memory/clock.ts';
import { type Ended, expectMisuses, expectRefusals, runEverytoken } from '../run-everytoken.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'everytoken-keys-'));
let table: Awaited<ReturnType<typeof openTable>>;
let address: string;
beforeAll(async () => {
  table = await openTable();
  const endpoint = await table.client.config.endpoint?.();
  address = `http://${endpoint?.hostname}:${endpoint?.port}`;
});
afterAll(async () => {
  await table?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const everytoken = (args: string[], variables: Record<string, string> = {}) =>
  runEverytoken(args, dataDir, variables);

const deployed = () => ({
  TABLE_NAME: table.table,
  AWS_ENDPOINT_URL_DYNAMODB: address,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
});
const keys = (...args: string[]) => everytoken(['keys', ...args], deployed());
const operatorsKey = {
  sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  ...{ caller: 'ops', operator: true, disabled: expect.any(Boolean) },
  created_at: expect.stringMatching(/Z$/),
};
const callerOf = async (secret: string): Promise<string> => {
  const findKey = makeDynamoKeyStore(table).get;
  const authenticate = makeAuthenticate({ keys: new Map(), findKey, clock: makeMemoryClock() });
  return (await authenticate(new Headers({ 'x-api-key': secret }))).caller;
};

describe('everytoken keys', () => {
  test('adds, lists, rotates and disables keys, and the API accepts or refuses them accordingly', async () => {
    const added = await keys('add', 'team-a');
    const first = added.out.trim();
    expect([added.status, first]).toEqual([0, expect.stringMatching(/^et_[\w-]{43}$/)]);
    expect(added.err).toContain(`key ${keyHash(first).slice(0, 12)} of team-a`);
    expect(added.err).toContain('export EVERYTOKEN_KEY=…');
    expect(added.err).not.toContain(first);
    expect(await callerOf(first)).toBe('team-a');

    const rotated = await keys('rotate', 'team-a');
    const second = rotated.out.trim();
    expect(rotated.err).toContain(`key ${keyHash(first).slice(0, 12)} of team-a is disabled`);
    await expect(callerOf(first)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await callerOf(second)).toBe('team-a');

    const listed = await keys('list', 'team-a');
    expect(listed.out).toMatch(new RegExp(`^${keyHash(first).slice(0, 12)}  team-a  .*  disabled$`, 'm'));
    expect(listed.out).toMatch(new RegExp(`^${keyHash(second).slice(0, 12)}  team-a  .*  valid$`, 'm'));

    expect((await keys('disable', keyHash(second).slice(0, 8))).status).toBe(0);
    await expect(callerOf(second)).rejects.toMatchObject({ code: 'forbidden' });

    const { Items } = await table.client.send(new ScanCommand({ TableName: table.table }));
    // Two keys, and the caller's entry in the list of callers.
    expect(Items).toHaveLength(3);
    for (const secret of [first, second]) {
      expect(JSON.stringify(Items)).not.toContain(secret);
      expect(listed.out + listed.err + rotated.err + added.err).not.toContain(secret);
    }
  });

  test("makes operators' keys, which keep their kind when they are rotated", async () => {
    const added = await keys('add', '--operator', 'ops');
    expect([added.status, added.err]).toEqual([0, expect.stringContaining('of ops')]);
    expect((await keys('add', 'ops')).err).toContain('ops is an operator: add --operator');
    expect((await keys('rotate', 'ops')).status).toBe(0);
    const { out } = await keys('list', 'ops');
    expect(out.match(/, operator$/gm)).toHaveLength(2);
    expect(out.match(/ {2}disabled, operator$/gm)).toHaveLength(1);
    const { data } = JSON.parse((await keys('list', 'ops', '--json')).out);
    expect(data).toEqual([operatorsKey, operatorsKey]);
    const [key] = (await makeDynamoKeyStore(table).list('ops')).filter(({ disabled }) => !disabled);
    expect(key).toMatchObject({ caller: 'ops', operator: true });
  });

  test('uses the running local stack without TABLE_NAME', async () => {
    const file = join(dataDir, 'stack.json');
    const stack = { dynamodb: address, table: table.table, buckets: {}, queues: {} };
    writeFileSync(file, JSON.stringify(stack));
    expect((await everytoken(['keys', 'add', 'team-b'])).err).toMatch(
      /stack\.json has no credentials: stop the stack and start it again/,
    );
    writeFileSync(file, JSON.stringify({ ...stack, credentials: stackCredentials() }));
    const { out, status } = await everytoken(['keys', 'add', 'team-b']);
    expect(status).toBe(0);
    expect(await callerOf(out.trim())).toBe('team-b');
    rmSync(file);
  });

  test('reports an error in one line with the remedy, and prints no secret', async () => {
    const nowhere = { ...deployed(), AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1' };
    const cases: [Promise<Ended>, RegExp][] = [
      [
        everytoken(['keys', 'add', 'a']),
        /no local stack runs in .*: start one \(npm start\), or name a deployment with --stage/,
      ],
      [everytoken(['keys', 'add', 'a'], nowhere), /127\.0\.0\.1:1; check that it is reachable/],
      [everytoken(['keys', 'add', 'a'], { ...deployed(), TABLE_NAME: 'another' }), /check TABLE_NAME/],
      [everytoken(['keys', 'list'], { ...deployed(), AWS_REGION: '' }), /Region .*; set AWS_REGION/],
      [keys('rotate', 'nobody'), /nobody has no valid key/],
      [keys('disable', '12'), /give 8 hex digits or more/],
      [keys('disable', '00000000'), /no key's sha256 begins with 00000000/],
    ];
    await expectRefusals(cases);
    await expectMisuses([
      [keys('add'), /missing required argument 'name'/],
      [keys('add', 'a', 'b'), /too many arguments/],
      [
        keys('add', 'not a name'),
        /'not a name' is invalid for argument 'name': a caller's name has up to 64/,
      ],
      [keys('remove', 'a'), /unknown command 'remove'/],
      [keys('add', 'a', '--region', 'eu-west-1'), /--region needs --stage/],
    ]);
  });

  test('prints its help and that of each action, without a table', async () => {
    const whole = await everytoken(['keys', '--help']);
    for (const [action, argument] of [
      ['add', '<name>'],
      ['list', '[caller]'],
      ['rotate', '<caller>'],
      ['disable', '<key>'],
    ] as const) {
      const { status, out } = await everytoken(['keys', action, '--help']);
      expect([status, out.split('\n')[0]]).toEqual([
        0,
        `Usage: everytoken keys ${action} [options] ${argument}`,
      ]);
      expect(whole.out).toMatch(new RegExp(`^  ${action} `, 'm'));
    }
    expect((await everytoken(['--help'])).out).toContain('keys');
  });
}, 300_000);

describe('everytoken keys limits', () => {
  test('sets, shows and removes the limits of a caller', async () => {
    const set = await keys('limits', 'team-d', '--requests-per-second', '5', '--runs-in-flight', '2');
    expect([set.status, set.out]).toEqual([0, 'team-d\n  requests a second  5\n  runs in flight     2\n']);
    await keys('limits', 'team-d', '--runs-in-flight', '3');
    const shown = await keys('limits', 'team-d');
    expect(shown.out).toBe("team-d\n  requests a second  the deployment's default\n  runs in flight     3\n");
    const removed = await keys('limits', 'team-d', '--none');
    expect(removed.out).toBe("team-d has no limits of its own; the deployment's apply\n");
    expect((await keys('limits', 'team-d')).out).toBe(removed.out);
  });

  test('refuses wrong words with the remedy', async () => {
    await expectMisuses([
      [keys('limits'), /missing required argument 'caller'/],
      [keys('limits', 'not a name'), /a caller's name has/],
      [
        keys('limits', 'a', '--runs-in-flight', '0'),
        /--runs-in-flight <n>' argument '0' is invalid: it takes a whole/,
      ],
      [
        keys('limits', 'a', '--requests-per-second', '2.5'),
        /--requests-per-second .*it takes a whole number/,
      ],
      [keys('limits', 'a', '--requests-per-second', '1000001'), /from 1 to 1000000/],
      [
        keys('limits', 'a', '--none', '--runs-in-flight', '2'),
        /'--none' cannot be used with option '--runs-in/,
      ],
    ]);
  });
}, 300_000);

describe('everytoken budgets', () => {
  const budgets = (...args: string[]) => everytoken(['budgets', ...args], deployed());

  test('sets, shows and removes the daily budget of a caller', async () => {
    const set = await budgets('set', 'team-b', '--tokens', '5000', '--cost-usd', '2.50');
    expect([set.status, set.out]).toEqual([
      0,
      expect.stringMatching(
        /^team-b, \d{4}-\d\d-\d\d UTC\n {2}tokens {2}0 used of 5000, 5000 left\n {2}USD {5}0\.000000 used of 2\.5, 2\.500000 left\n$/,
      ),
    ]);
    expect(set.err).toContain('it applies within a minute\n');
    expect(set.err).not.toContain('no key yet');
    expect((await budgets('show', 'team-b')).out).toBe(set.out);
    expect((await budgets('set', 'team-b', '--tokens', '10')).out).not.toContain('USD');
    expect((await budgets('remove', 'team-b')).out).toBe('team-b has no budget\n');
    expect(JSON.parse((await budgets('show', 'team-b', '--json')).out)).toEqual({
      caller: 'team-b',
      budget: null,
    });
  });

  test('lists the budgets of all callers with the rest of today, also of one that has no key yet', async () => {
    const set = await budgets('set', 'team-c', '--cost-usd', '1');
    expect(set.err).toContain('team-c has no key yet: npx everytoken keys add team-c\n');
    const { out, err } = await budgets('list');
    expect(out).toMatch(/^caller +tokens a day .*USD left\nteam-c +— +— +— +\$1\.00 +\$0\.00 +\$1\.00\n$/);
    expect(err).toMatch(/other callers? ha(s|ve) no budget/);
    const csv = (await budgets('list', '--csv')).out;
    expect(csv).toMatch(/^caller,tokens a day,.*\r?\nteam-c,,,,1,0,1\r?\n$/);
    const { data } = JSON.parse((await budgets('list', '--json')).out);
    expect(data).toMatchObject([{ caller: 'team-c', budget: { tokens: null, cost_usd: { limit: 1 } } }]);
  });

  test('answers to its earlier name, keys budget, and says the new one', async () => {
    const set = await keys('budget', 'team-e', '--tokens', '10');
    expect(set.err).toContain('keys budget is now npx everytoken budgets set');
    expect((await keys('budget', 'team-e')).out).toBe(set.out);
    expect((await keys('budget', 'team-e', '--none')).out).toBe('team-e has no budget\n');
  });

  test.each([
    [['set', '--tokens', '10'], "missing required argument 'caller'"],
    [['set', 'team-b'], 'give --tokens, --cost-usd or both'],
    [['set', 'team-b', '--tokens', '1.5'], "argument '1.5' is invalid: it takes a whole number"],
    [['set', 'team-b', '--tokens', '-1'], '--tokens'],
    [['set', 'team-b', '--cost-usd', 'much'], 'it takes a number from 0, such as 2.50'],
    [['set', 'team-b', '--gold', '1'], '--gold'],
    [['show', 'team b'], "a caller's name has"],
  ])('refuses %j with the accepted values', async (words, message) => {
    const { status, out, err } = await budgets(...words);
    expect([status, out]).toEqual([2, '']);
    expect(err).toContain(message);
  });
}, 300_000);
