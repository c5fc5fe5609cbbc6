import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { newAwsKey } from '../../../local/aws/credentials.ts';
import type { Template } from '../../../local/aws/template/intrinsics.ts';
import { readTemplate } from '../../../local/aws/template/read-template.ts';
import type { PackagedFunctions } from '../../../local/package-functions.ts';
import { LINES, measureRuns, putFile } from '../../scale/measure/measure.ts';
import { startMeteredStack } from '../../scale/measure/metered-stack.ts';
import type { NoteWrite } from '../../scale/measure/meters.ts';
import type { Units } from '../../scale/measure/table-units.ts';
import type { Way } from '../../scale/measured.ts';
import { RECORDINGS, type RecordedWrite } from '../../scale/writes/recorded.ts';
import { must, type Report } from '../report.ts';

const RUNS = 100;
/**
 * Less than one write a run. The recorded units are averages, and some writes depend on the time: a file's worker saves
 * its progress by the second, and requests are counted in batches.
 */
const TOLERANCE_UNITS = 0.6;

const add = (sums: Units, units: Units): void => {
  for (const [space, count] of Object.entries(units)) sums[space] = (sums[space] ?? 0) + count;
};

/** The units that a run was recorded to write, by space. */
const recordedUnits = (writes: readonly RecordedWrite[]): Units => {
  const sums: Units = {};
  for (const { perRun, takes } of writes)
    for (const { space, units } of takes) add(sums, { [space]: perRun * units });
  return sums;
};

/** Counts the units that the table reports, and compares those of each write with the meter's. */
const makeComparison = () => {
  const reported: Units = {};
  const different: string[] = [];
  let compared = 0;
  const note: NoteWrite = (writes, consumed) => {
    const metered: Units = {};
    for (const { space, units } of writes) add(metered, { [space]: units });
    // A refused condition is billed too, but DynamoDB Local reports nothing for it.
    add(reported, consumed ?? metered);
    if (!consumed) return;
    compared += 1;
    const text = (units: Units) => JSON.stringify(Object.entries(units).toSorted());
    if (text(consumed) !== text(metered))
      different.push(`${writes[0]?.key.S}: metered ${text(metered)}, reported ${text(consumed)}`);
  };
  return {
    note,
    /** The reported units since the last call. */
    take: (): Units => {
      const taken = { ...reported };
      for (const space of Object.keys(reported)) delete reported[space];
      return taken;
    },
    result: () => ({ compared, different }),
  };
};

const createTable = async (url: string, template: Template): Promise<void> => {
  const names = { stackName: 'everytoken-local', region: 'us-east-1', account: '000000000000' };
  const client = new DynamoDBClient({ endpoint: url, region: names.region, credentials: newAwsKey() });
  for (const { definition } of readTemplate(template, names).tables)
    await client.send(new CreateTableCommand(definition));
  client.destroy();
};

/**
 * Makes runs of each way on AWS's DynamoDB Local, and compares the write units that it reports with those that the
 * meter calculates, and with those recorded for a run.
 */
export const checkWriteUnits = async (
  { template }: PackagedFunctions,
  url: string,
  { part, check }: Report,
): Promise<void> => {
  part("The write units of a run, on AWS's DynamoDB Local");
  const dataDir = mkdtempSync(join(tmpdir(), 'everytoken-units-'));
  const { note, take, result } = makeComparison();
  await createTable(url, template as Template);
  const stack = await startMeteredStack(dataDir, { noteWrite: note, dynamodbLocal: url });
  const compare = (way: Way, runs: number, make: () => Promise<unknown>) =>
    check(`${runs} runs as ${way} take the units recorded`, async () => {
      take();
      await make();
      const reported = take();
      const found: string[] = [];
      for (const [space, units] of Object.entries(recordedUnits(RECORDINGS.now[way]))) {
        const each = (reported[space] ?? 0) / runs;
        found.push(`${space} ${each.toFixed(2)} of ${units.toFixed(2)}`);
        must(Math.abs(each - units) <= TOLERANCE_UNITS, `units a run of ${found.at(-1)} recorded`);
      }
      return found.join(', ');
    });
  try {
    await measureRuns(stack, {}, { runs: 1, together: true }); // the first run starts the processes
    await compare('whole', RUNS, () => measureRuns(stack, {}, { runs: RUNS, together: true }));
    await compare('stream', RUNS, () => measureRuns(stack, { stream: true }, { runs: RUNS, together: true }));
    await compare('line', LINES, () => putFile(stack, 'units'));
    await check('the units that the meter calculates are those reported', async () => {
      const { compared, different } = result();
      must(different.length === 0, `${different.length} of ${compared} writes differ: ${different[0]}`);
      return `${compared} writes`;
    });
  } finally {
    await stack.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
};
