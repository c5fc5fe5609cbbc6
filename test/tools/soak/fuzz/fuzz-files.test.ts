import { expect, test } from 'vitest';
import { intakeObject } from '../../../../lib/files/read/intake.ts';
import { checkFiles } from '../../../../tools/soak/fuzz/check-files.ts';
import { drawFile } from '../../../../tools/soak/fuzz/draw-file.ts';
import { ENDED } from '../../../../tools/soak/read-state.ts';
import { makeWorld } from '../../../memory/world.ts';
import { workOff } from '../../../memory/world-api.ts';

const SEED = 20261122;

test('every dropped file, whatever its contents, has exactly one recorded end, and nothing is retried', async () => {
  const world = makeWorld();
  const files = Array.from({ length: 250 }, (_, number) => drawFile(SEED, number));
  for (const { key, bytes } of files) {
    await intakeObject(world.drop(key, bytes), world.deps);
    await workOff(world); // throws errors that would be retried
  }
  const report = await checkFiles(files, {
    files: [...world.files.files.values()],
    keys: new Set(world.content.objects.keys()),
    text: (key) => world.content.get(key),
  });
  const ends = [...report.ends].map(([end, times]) => `${times} ${end}`).join(', ');
  console.log(`seed ${SEED}: ${report.dropped} files, ${report.ignored} ignored, ${ends}`);
  expect(report.broken.join('\n')).toBe('');
  expect(world.log.named('file.ignored')).toHaveLength(report.ignored);
  expect(world.log.entries.filter(({ level }) => level === 'error')).toEqual([]);
  for (const { status, pending } of world.runs.runs.values()) {
    expect(ENDED).toContain(status);
    expect(pending).toEqual([]);
  }
  // The usage of an hour is summed when that is over.
  const due = world.dueIndex.entries().filter(({ pk }) => !pk.startsWith('USAGE#'));
  expect(due).toEqual([]);
});
