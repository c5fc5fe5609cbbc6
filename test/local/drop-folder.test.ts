import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startS3 } from '../../local/aws/s3/start-s3.ts';
import { type DropEvent, watchDropFolder } from '../../local/drop-folder.ts';
import type { HttpListener } from '../../local/http.ts';
import { pollUntil } from '../../tools/poll-until.ts';
import { awsKey, keys as awsKeys } from '../fixtures/aws-key.ts';

const folder = mkdtempSync(join(tmpdir(), 'everytoken-drop-'));
const dataDir = join(folder, 'data');
const Bucket = 'content';
const lines: string[] = [];
let store: HttpListener;
let client: S3Client;
let diskProblem: string | undefined;
let watch: ReturnType<typeof watchDropFolder>;

/** An event in one line: its type, the file, the rest. */
const lineOf = ({ type, file, ...rest }: DropEvent): string =>
  [type, file, ...Object.values(rest)].join(' ').trim();

const start = () =>
  watchDropFolder({
    client,
    bucket: Bucket,
    dataDir,
    caller: 'local',
    tell: (event) => void lines.push(lineOf(event)),
  });

beforeAll(async () => {
  const buckets = [{ id: 'Bucket', name: Bucket, notifications: [], cors: [] }];
  mkdirSync(join(folder, 's3'));
  store = await startS3({
    keys: awsKeys,
    ...{ folder: join(folder, 's3'), buckets, region: 'us-east-1' },
    sendToQueue: async () => {},
    disk: () => diskProblem,
    log: () => {},
  });
  client = new S3Client({
    ...{ endpoint: store.url, forcePathStyle: true, region: 'us-east-1', credentials: awsKey },
  });
  watch = start();
});
afterAll(async () => {
  await watch.close();
  client.destroy();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const drop = (name: string): string => join(dataDir, 'drop', name);
const keys = async (): Promise<string[]> => {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'prompts/' }));
  return Contents.map(({ Key = '' }) => Key);
};
const isThere = (key: string) => pollUntil(key, async () => (await keys()).includes(key));
const put = (Key: string, Body: string) => client.send(new PutObjectCommand({ Bucket, Key, Body }));
const result = (name: string) => {
  const file = join(dataDir, 'results', name);
  return pollUntil(name, () => existsSync(file) && readFileSync(file, 'utf8'));
};

describe('the drop folder', () => {
  test('uploads a file under the caller’s prefix, with its folders and odd characters, but no hidden one', async () => {
    mkdirSync(drop('a b'));
    writeFileSync(drop('.hidden.txt'), 'x');
    writeFileSync(drop('a b/50%+ü.txt'), 'Explain queues.');
    await isThere('prompts/@local/a b/50%+ü.txt');
    expect(await keys()).toEqual(['prompts/@local/a b/50%+ü.txt']);
  });

  test('waits until a file has not changed for a second, whatever its modification time', async () => {
    const startedAt = performance.now();
    writeFileSync(drop('copied.txt'), 'Explain copies.');
    utimesSync(drop('copied.txt'), new Date('2020-01-01'), new Date('2020-01-01'));
    await isThere('prompts/@local/copied.txt');
    expect(performance.now() - startedAt).toBeGreaterThan(1_000);
  });

  test('writes the newest results beside a file, not those of each content, and again when they change', async () => {
    await put(`results/prompts/@local/a.txt.file_${'0'.repeat(26)}.jsonl`, 'of one content');
    await put('results/prompts/@local/a.txt.jsonl', 'first');
    expect(await result('a.txt.jsonl')).toBe('first');
    await put('results/prompts/@local/a.txt.jsonl', 'second');
    await pollUntil('the second', async () => (await result('a.txt.jsonl')) === 'second');
    expect(readdirSync(join(dataDir, 'results'))).toEqual(['a.txt.jsonl']);
  });

  test('removes a result that is gone, so that no answer stands beside a newer version without one', async () => {
    await put('results/prompts/@local/gone.txt.txt', 'an answer');
    await result('gone.txt.txt');
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'results/prompts/@local/gone.txt.txt' }));
    await pollUntil('its removal', () => !existsSync(join(dataDir, 'results', 'gone.txt.txt')));
  });

  test('keeps every result inside the folder, whatever its key', async () => {
    await put('results/prompts/@local/../../../outside.jsonl', 'x');
    expect(await result('_/_/_/outside.jsonl')).toBe('x');
    expect(existsSync(join(folder, 'outside.jsonl'))).toBe(false);
  });

  test('writes a result once what was in its way is gone, names it meanwhile, and delays no other', async () => {
    const inTheWay = join(dataDir, 'results', 'blocked.jsonl');
    mkdirSync(inTheWay);
    await put('results/prompts/@local/blocked.jsonl', 'an answer');
    await put('results/prompts/@local/blocked2.jsonl', 'another');
    expect(await result('blocked2.jsonl')).toBe('another');
    rmSync(inTheWay, { recursive: true });
    expect(await result('blocked.jsonl')).toBe('an answer');
    const said = lines.filter((line) => line.includes('results/blocked.jsonl'));
    expect(said).toEqual(['waiting results/blocked.jsonl EISDIR', 'result results/blocked.jsonl']);
  });

  test('uploads a file once S3 takes it again, names it meanwhile, and no prompt file before its defaults', async () => {
    const said = lines.length;
    diskProblem = 'The disk is full.';
    for (const name of ['patient.csv', 'patient.csv.defaults.json'])
      writeFileSync(drop(name), name.endsWith('.csv') ? 'prompt\nExplain patience.\n' : '{}');
    const waits = 'waiting drop/patient.csv.defaults.json';
    await pollUntil('the line', () => lines.some((line) => line.startsWith(waits)));
    diskProblem = undefined;
    await pollUntil('the upload', () => lines.includes('taken_in drop/patient.csv'));
    expect(await keys()).toContain('prompts/@local/patient.csv');
    const named = lines.slice(said).filter((line) => line.includes('drop/patient'));
    expect(named.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'waiting drop/patient.csv.defaults.json',
      'taken_in drop/patient.csv.defaults.json',
      'taken_in drop/patient.csv',
    ]);
  });

  test('passes over a name that would show as another one', async () => {
    writeFileSync(drop('prompts\u202Egpj.txt'), 'Explain names.');
    const said = 'passed_over drop/prompts\u202Egpj.txt its name has control characters rename it';
    await pollUntil('the line', () => lines.includes(said));
    expect((await keys()).filter((key) => key.includes('gpj'))).toEqual([]);
    rmSync(drop('prompts\u202Egpj.txt'));
  });

  test('writes the results of such a key under a name that shows it', async () => {
    await put('results/prompts/@local/a\u202Eb\u0007c.jsonl', 'x');
    expect(await result('a_u202eb_u0007c.jsonl')).toBe('x');
  });

  test('after a restart, leaves existing results alone', async () => {
    await watch.close();
    const said = lines.length;
    watch = start();
    await put('results/prompts/@local/b.txt.jsonl', 'new');
    await result('b.txt.jsonl');
    const results = lines.slice(said).filter((line) => line.includes('results/'));
    expect(results).toEqual(['result results/b.txt.jsonl']);
  });

  test('after a restart, uploads no file again until it is touched', async () => {
    await watch.close();
    writeFileSync(drop('new.txt'), 'Explain what is new.');
    const said = lines.length;
    watch = start();
    await isThere('prompts/@local/new.txt');
    expect(lines.slice(said).filter((line) => line.startsWith('taken_in'))).toEqual([
      'taken_in drop/new.txt',
    ]);
    utimesSync(drop('copied.txt'), new Date(), new Date());
    await pollUntil('the touched file', () => lines.includes('taken_in drop/copied.txt', said));
  });

  test('tells of a dropped file that is no prompt file once, and again when it is still none after a change', async () => {
    const said = () => lines.filter((line) => line.includes('table.xlsx'));
    writeFileSync(drop('table.xlsx'), 'PK');
    await pollUntil('the reason', () => said().length === 1);
    writeFileSync(drop('table.xlsx'), 'PK and more');
    await pollUntil('the reason again', () => said().length === 2);
    expect(said()[0]).toBe(
      'passed_over drop/table.xlsx prompt files end in .txt, .md, .json, .jsonl or .csv save it as CSV (UTF-8), table.csv',
    );
    expect(await keys()).not.toContain('prompts/@local/table.xlsx');
  });

  test('takes an empty file in once something is written into it', async () => {
    writeFileSync(drop('empty.txt'), '');
    await pollUntil('the reason', () =>
      lines.some((line) => line.startsWith('passed_over drop/empty.txt it is empty')),
    );
    writeFileSync(drop('empty.txt'), 'Explain emptiness.');
    await isThere('prompts/@local/empty.txt');
  });

  test('follows no link out of the folder', async () => {
    writeFileSync(join(folder, 'outside.txt'), 'Explain links.');
    symlinkSync(join(folder, 'outside.txt'), drop('link.txt'));
    await pollUntil('the reason', () =>
      lines.includes('passed_over drop/link.txt it is a link copy the file itself'),
    );
  });
});
