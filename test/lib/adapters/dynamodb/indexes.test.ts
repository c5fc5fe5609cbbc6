import { expect, test } from 'vitest';
import { makeDynamoFileStore } from '../../../../lib/adapters/dynamodb/file-store.ts';
import { makeDynamoRunScan } from '../../../../lib/adapters/dynamodb/indexes.ts';
import { makeDynamoRunStore } from '../../../../lib/adapters/dynamodb/run-store.ts';
import type { ScannedPage } from '../../../../lib/operate/audit/ports.ts';
import { timedRunId } from '../../../../lib/runs/keys.ts';
import { openTable } from '../../../factories/dynamodb-table.ts';
import { makeBlock, makePromptFile } from '../../../factories/prompt-file.ts';
import { makeFigures, makeRun } from '../../../factories/run.ts';

test('a scan reads every run, file and block as the stores do, over several pages, and nothing else', async () => {
  const table = await openTable();
  try {
    const [runs, files] = [makeDynamoRunStore(table), makeDynamoFileStore(table)];
    const ids = Array.from({ length: 60 }, (_, at) => timedRunId(at, Buffer.alloc(10)));
    // Together more than the megabyte of a page.
    const generations = Array.from({ length: 64 }, () => makeFigures({ model: 'm'.repeat(250) }));
    await Promise.all(ids.map((id) => runs.create(makeRun({ id, generations }))));
    await files.create(makePromptFile());
    await files.createBlock(makeBlock());
    const full = await files.addDone(makeBlock().fileId, 0, 2);
    await files.noteNewest('prompts/questions.json', '0A', 'file_1');

    const pages: ScannedPage[] = [];
    for await (const page of makeDynamoRunScan(table).pages()) pages.push(page);
    expect(pages.length).toBeGreaterThan(1);
    const scanned = pages.flatMap((page) => page.runs);
    expect(scanned.map(({ id }) => id).sort()).toEqual(ids);
    expect(scanned[0]).toEqual(await runs.get(scanned[0]?.id ?? ''));
    expect(pages.flatMap((page) => page.files)).toEqual([makePromptFile()]);
    expect(pages.flatMap((page) => page.blocks)).toEqual([full]);
  } finally {
    await table.close();
  }
});
