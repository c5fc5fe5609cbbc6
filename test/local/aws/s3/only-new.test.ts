import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeWrites } from '../../../../local/aws/s3/only-new.ts';

const codeOf = (error: unknown): string => (error as { code: string }).code;

test('a write that may only create is refused while another one of its key is under way, and after it', async () => {
  const write = makeWrites();
  let stored: string | undefined;
  const exists = async () => stored !== undefined;
  const body = Promise.withResolvers<string>();
  const first = write({ key: 'k', isNew: true, exists }, async (inTurn) => {
    const text = await body.promise;
    await inTurn(async () => {
      stored = text;
    });
  });
  const second = write({ key: 'k', isNew: true, exists }, async () => 'never');
  expect(await second.catch(codeOf)).toBe('ConditionalRequestConflict');
  await write({ key: 'other', isNew: true, exists }, async (inTurn) => inTurn(async () => {}));
  body.resolve('first');
  await first;
  expect(await write({ key: 'k', isNew: true, exists }, async () => 'never').catch(codeOf)).toBe(
    'PreconditionFailed',
  );
  expect(stored).toBe('first');
});

test('a write that broke off holds up no later one', async () => {
  const write = makeWrites();
  const exists = async () => false;
  const broken = write({ key: 'k', isNew: true, exists }, async (inTurn) =>
    inTurn(async () => Promise.reject(new Error('the client has gone'))),
  );
  await expect(broken).rejects.toThrow('gone');
  expect(await write({ key: 'k', isNew: true, exists }, (inTurn) => inTurn(async () => 'stored'))).toBe(
    'stored',
  );
});

test('in every order of steps, what a write created is replaced by no other that may only create', async () => {
  const writes = fc.array(fc.boolean(), { minLength: 2, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), writes, async (scheduler, kinds) => {
      const write = makeWrites();
      const history: { by: number; isNew: boolean }[] = [];
      const run = async (isNew: boolean, by: number): Promise<void> => {
        const exists = () => scheduler.schedule(Promise.resolve()).then(() => history.length > 0);
        await write({ key: 'k', isNew, exists }, async (inTurn) => {
          await scheduler.schedule(Promise.resolve());
          await inTurn(async () => {
            await scheduler.schedule(Promise.resolve());
            history.push({ by, isNew });
          });
        });
      };
      const ended = Promise.allSettled(kinds.map(run));
      await scheduler.waitFor(ended);
      expect(history.slice(1).filter(({ isNew }) => isNew)).toEqual([]);
      expect(history.length).toBeGreaterThan(0);
    }),
    { numRuns: 300 },
  );
});
