import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { makeDynamoDueIndex } from '../../../../lib/adapters/dynamodb/indexes.ts';
import { makeDynamoUsageStore } from '../../../../lib/adapters/dynamodb/usage-store.ts';
import { makePart } from '../../../../lib/runs/list/parts.ts';
import type { Period } from '../../../../lib/usage/ports.ts';
import { usageStoreContract } from '../../../contracts/usage-store.ts';
import { openTable } from '../../../factories/dynamodb-table.ts';

usageStoreContract('DynamoDB', async () => {
  const table = await openTable();
  return { totals: makeDynamoUsageStore(table), dueIndex: makeDynamoDueIndex(table), close: table.close };
});

describe('the items of a period', () => {
  const NOW = Date.UTC(2026, 10, 29, 14, 11);
  const large = (prefix: string) =>
    Array.from({ length: 400 }, (_, at) => ({
      metadata: {},
      requests: 1,
      failedRequests: 0,
      parts: [makePart({ model: 'm', label: `${prefix} ${at} ${'x'.repeat(90)}` })],
    }));
  const period: Period = { caller: 'docs', kind: 'HOUR', name: '2026-11-29T13' };

  const open = async () => {
    const table = await openTable();
    const items = async () => {
      const { Items = [] } = await table.client.send(
        new QueryCommand({
          TableName: table.table,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: 'USAGE#docs' } },
        }),
      );
      return Items.map(({ sk, expires_at, stale }) => ({
        kind: sk?.S?.split('#')[0],
        days: expires_at ? (Number(expires_at.N) - NOW / 1_000) / 86_400 : null,
        stale,
      }));
    };
    return { ...table, items, totals: makeDynamoUsageStore(table, undefined, () => NOW) };
  };

  test('leave no pages of earlier sums, and live as long as the period', async () => {
    const { totals, items, close } = await open();
    await totals.mark(period, 1);
    await totals.put(period, { keys: [], shapes: large('first') }, { version: 0, marks: 1 }, 9);
    const pages = (await items()).filter(({ kind }) => kind === 'PAGE');
    expect(pages.length).toBeGreaterThan(0);
    await totals.put(period, { keys: [], shapes: large('second') }, { version: 1, marks: 1 }, 9);
    expect(await items()).toHaveLength(1 + pages.length);
    for (const { days, stale } of await items()) {
      expect(Math.round(days ?? 0)).toBe(430);
      expect(stale).toBeUndefined();
    }
    await totals.put(period, { keys: [], shapes: [] }, { version: 2, marks: 1 }, 9);
    expect(await items()).toHaveLength(1);
    await close();
  });

  test('are deleted when sums were written but could not replace others', async () => {
    const { totals, items, close } = await open();
    const day: Period = { ...period, kind: 'DAY', name: '2026-11-29' };
    await totals.put(day, { keys: [], shapes: large('x') }, { version: 0, marks: 0 }, 9);
    expect((await items()).map(({ days }) => days)).toEqual([null, null]);
    expect(await totals.put(day, { keys: [], shapes: large('y') }, { version: 0, marks: 0 }, 9)).toBe(false);
    expect(await items()).toHaveLength(2);
    await close();
  });

  test('outlast the item of a sum under way, which cannot be read without its pages', async () => {
    const { totals, items, close } = await open();
    const part: Period = { ...period, kind: 'PART' };
    const under = { after: '', version: 1, marks: 1 };
    await totals.put(part, { keys: [], shapes: large('x'), under }, { version: 0, marks: 0 });
    const found = await items();
    expect(found.map(({ kind, days }) => [kind, Math.round(days ?? 0)])).toEqual([
      ['PAGE', 7],
      ['PART', 2],
    ]);
    await close();
  });

  test('stay when the answer to the write that names them is lost, and the client sends it again', async () => {
    const { client, totals, items, close } = await open();
    await totals.mark(period, 1);
    let lost = 0;
    client.middlewareStack.add(
      (next) => async (args) => {
        const answer = await next(args);
        if (lost > 0 || !JSON.stringify(args.input).includes('#stale')) return answer;
        lost += 1;
        return next(args);
      },
      { step: 'initialize' },
    );
    const sums = { keys: [], shapes: large('x') };
    expect(await totals.put(period, sums, { version: 0, marks: 1 }, 9)).toBe(true);
    expect(lost).toBe(1);
    expect(await totals.get(period)).toMatchObject({ ...sums, version: 1, dueAt: null });
    for (const { days, stale } of await items()) {
      expect(Math.round(days ?? 0)).toBe(430);
      expect(stale).toBeUndefined();
    }
    await close();
  });
});
