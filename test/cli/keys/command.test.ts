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
import { type Ended, expectRefusals, runEverytoken } from '../run-everytoken.ts';

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
    expect(await callerOf(first)).toBe('team-a');

    const rotated = await keys('rotate', 'team-a');
    const second = rotated.out.trim();
    expect(rotated.err).toContain(`key ${keyHash(first).slice(0, 12)} of team-a is disabled`);
    await expect(callerOf(first)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await callerOf(second)).toBe('team-a');

    const listed = await keys('list', 'team-a');
    expect(listed.out).toMatch(new RegExp(`^${keyHash(first).slice(0, 12)}  team-a  .*Z  disabled$`, 'm'));
    expect(listed.out).toMatch(new RegExp(`^${keyHash(second).slice(0, 12)}  team-a  .*Z$`, 'm'));

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
    expect(out.match(/ {2}operator/g)).toHaveLength(2);
    expect(out.match(/ {2}disabled/g)).toHaveLength(1);
    const [key] = (await makeDynamoKeyStore(table).list('ops')).filter(({ disabled }) => !disabled);
    expect(key).toMatchObject({ caller: 'ops', operator: true });
  });

  test('uses the running local stack without TABLE_NAME', async () => {
    const file = join(dataDir, 'stack.json');
    const stack = { dynamodb: address, table: table.table };
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
        /no local stack runs in .*: start one \(npm start\), or set TABLE_NAME/,
      ],
      [everytoken(['keys', 'add', 'a'], nowhere), /127\.0\.0\.1:1.*check that it runs/],
      [everytoken(['keys', 'add', 'a'], { ...deployed(), TABLE_NAME: 'another' }), /check TABLE_NAME/],
      [everytoken(['keys', 'list'], { ...deployed(), AWS_REGION: '' }), /Region .*; set AWS_REGION/],
      [keys('add', 'not a name'), /'not a name' is not a valid caller name: use/],
      [keys('rotate', 'nobody'), /nobody has no valid key/],
      [keys('disable', '12'), /give 8 hex digits or more/],
      [keys('disable', '00000000'), /no key's sha256 begins with 00000000/],
      [keys('add'), /usage: npx everytoken keys add \[--operator\] <name>/],
      [keys('add', 'a', 'b'), /usage: npx everytoken keys add \[--operator\] <name>/],
      [keys('remove', 'a'), /there is no action 'remove': see npx everytoken keys --help/],
    ];
    await expectRefusals(cases);
  });

  test('prints its help and that of each action, without a table', async () => {
    const whole = await everytoken(['keys', '--help']);
    const each = ['add [--operator] <name>', 'list [caller]', 'rotate <caller>', 'disable <sha256-prefix>'];
    for (const words of each) {
      const { status, out } = await everytoken(['keys', words.split(' ')[0] ?? '', '--help']);
      expect([status, out.split('\n')[0]]).toEqual([0, `Usage: npx everytoken keys ${words}`]);
      expect(whole.out).toContain(words);
    }
    expect((await everytoken(['--help'])).out).toContain('keys');
  });
}, 30_000);

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
    await expectRefusals([
      [keys('limits'), /usage: npx everytoken keys limits/],
      [keys('limits', 'not a name'), /the name of one caller/],
      [keys('limits', 'a', '--runs-in-flight', '0'), /--runs-in-flight takes a whole number from 1/],
      [keys('limits', 'a', '--requests-per-second', '2.5'), /--requests-per-second takes a whole number/],
      [keys('limits', 'a', '--requests-per-second', '1000001'), /from 1 to 1000000/],
      [keys('limits', 'a', '--none', '--runs-in-flight', '2'), /leave out --requests-per-second and/],
    ]);
  });
}, 30_000);

describe('everytoken keys budget', () => {
  test('sets, shows and removes the daily budget of a caller', async () => {
    const set = await keys('budget', 'team-b', '--tokens', '5000', '--cost-usd', '2.50');
    expect([set.status, set.out]).toEqual([
      0,
      expect.stringMatching(
        /^team-b, \d{4}-\d\d-\d\d UTC\n {2}tokens {2}0 used of 5000, 5000 left\n {2}USD {5}0\.000000 used of 2\.5, 2\.500000 left\n$/,
      ),
    ]);
    expect((await keys('budget', 'team-b')).out).toBe(set.out);
    expect((await keys('budget', 'team-b', '--tokens', '10')).out).not.toContain('USD');
    expect((await keys('budget', 'team-b', '--none')).out).toBe('team-b has no budget\n');
  });

  test.each([
    [['--tokens', '10'], 'usage: npx everytoken keys budget <caller> [--tokens N] [--cost-usd X] [--none]'],
    [['team-b', '--tokens', '1.5'], '--tokens takes a whole number'],
    [['team-b', '--tokens', '-1'], '--tokens'],
    [['team-b', '--cost-usd', 'much'], '--cost-usd takes a number from 0, such as 2.50'],
    [['team-b', '--none', '--tokens', '1'], '--none removes the budget'],
    [['team-b', '--gold', '1'], '--gold'],
    [['team b'], 'takes the name of one caller'],
  ])('refuses %j with the accepted values', async (words, message) => {
    const { status, out, err } = await keys('budget', ...words);
    expect([status, out]).toEqual([1, '']);
    expect(err).toContain(message);
  });
});
