import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeSecret } from '../../../../lib/adapters/settings/secrets.ts';
import { startSsm } from '../../../factories/ssm-server.ts';
import { makeMemoryClock } from '../../../memory/clock.ts';

test('a secret given directly is used, and a missing one is an error that names both ways to give it', async () => {
  expect(await makeSecret({ value: 'pk' }, 'PINECONE_API_KEY').read()).toBe('pk');
  await expect(makeSecret(undefined, 'PINECONE_API_KEY').read()).rejects.toMatchObject({
    name: 'ConfigurationError',
    message: expect.stringMatching(/PINECONE_API_KEY\b.*PINECONE_API_KEY_PARAMETER/),
  });
});

describe('a secret in an SSM parameter', () => {
  const Name = '/everytoken/test/openai-api-key';
  let ssm: Awaited<ReturnType<typeof startSsm>>;
  beforeAll(async () => {
    ssm = await startSsm();
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_SSM: ssm.url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
  });
  beforeEach(() => {
    ssm.parameters.clear();
    ssm.calls.length = 0;
  });
  afterAll(() => ssm.close());
  const store = (Value: string) =>
    ssm.parameters.set(Name, { Name, Value, Type: 'SecureString', Version: 1 });

  test('is read decrypted, cached for five minutes, and read again at once when it was refused', async () => {
    const clock = makeMemoryClock();
    store('first');
    const secret = makeSecret({ parameter: Name }, 'OPENAI_API_KEY', clock);
    expect(await Promise.all([secret.read(), secret.read()])).toEqual(['first', 'first']);
    expect(ssm.calls).toEqual(['GetParameter']);

    store('second');
    await clock.advance(5 * 60_000);
    expect(await secret.read()).toBe('first');
    await clock.advance(1);
    expect(await secret.read()).toBe('second');

    store('third');
    expect(await secret.read()).toBe('second');
    secret.forget();
    expect(await secret.read()).toBe('third');
    expect(ssm.calls).toHaveLength(3);
  });

  test('is read again after five minutes, though the wall clock was set back meanwhile', async () => {
    let instant = { now: 3_600_000, monotonic: 0 };
    const clock = { now: () => instant.now, monotonic: () => instant.monotonic };
    store('first');
    const secret = makeSecret({ parameter: Name }, 'OPENAI_API_KEY', clock);
    expect(await secret.read()).toBe('first');
    store('second');
    instant = { now: 3_600_000, monotonic: 5 * 60_000 + 1 };
    expect(await secret.read()).toBe('second');
  });

  test('that does not exist is named in an error, and looked up again', async () => {
    const secret = makeSecret({ parameter: Name }, 'OPENAI_API_KEY');
    await expect(secret.read()).rejects.toMatchObject({
      name: 'ConfigurationError',
      message: expect.stringContaining(Name),
    });
    store('late');
    expect(await secret.read()).toBe('late');
  });
});
