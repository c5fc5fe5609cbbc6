import { beforeAll, describe, expect, test } from 'vitest';
import type { ComparisonView } from '../../lib/comparisons/view.ts';
import type { ResultLine } from '../../lib/files/results/line-results.ts';
import type { Upload } from '../../lib/files/upload.ts';
import type { FileAnswer } from '../../lib/http/files/routes.ts';
import type { Problem } from '../../lib/http/problem.ts';
import { pollUntil } from '../../tools/poll-until.ts';
import { OBJECT_MEMBERS } from '../factories/object-members.ts';
import { type Client, clientOf } from './everytoken-client.ts';
import type { RunningStack } from './stack-process.ts';

const LIMIT_MS = 30_000;
const fast = { max_tokens: 8, extra_body: { pace: 0 } };
const each = <T>(value: (name: string) => T): Record<string, T> =>
  Object.fromEntries(OBJECT_MEMBERS.map((name) => [name, value(name)]));
const settings = OBJECT_MEMBERS.map((label) => ({ label }));

export const describeNames = (stack: () => RunningStack) =>
  describe('names of members of Object', () => {
    let api: Client;
    beforeAll(() => {
      api = clientOf(stack().file.api);
    });

    const ended = async (id: string): Promise<FileAnswer> =>
      pollUntil(
        () => `the end of ${id}`,
        async () => {
          const { body } = await api.get<FileAnswer>(`/files/${id}`);
          return body.ended_at !== null && body;
        },
        LIMIT_MS,
      );
    /** The lines of a file's results, by format. */
    const resultsOf = async (filename: string, content: string, defaults: object) => {
      const request = { filename, size_bytes: Buffer.byteLength(content), defaults };
      const { id, upload } = (await (await api.send('/files', request)).json()) as Upload;
      await fetch(upload.url, { method: upload.method, headers: upload.headers, body: content });
      const { downloads, counts } = await ended(id);
      expect(counts).toMatchObject({ failed: 0 });
      const text = async (url: string | undefined) => (await (await fetch(url ?? '')).text()).trimEnd();
      return { jsonl: await text(downloads?.jsonl), csv: downloads?.csv ? await text(downloads.csv) : '' };
    };

    test('are metadata and labels of a run as any other: shown, listed, counted, embedded and found', async () => {
      const metadata = each((name) => `value of ${name}`);
      const { status, body } = await api.run({
        ...{ prompt: 'Explain prototypes.', ...fast, settings, samples: 2, metadata },
      });
      expect(status).toBe(201);
      const run = await api.completed(body.id, LIMIT_MS);
      expect(Object.entries(run.metadata)).toEqual(Object.entries(metadata));
      expect(Object.keys(run.diversity?.by_label ?? {}).sort()).toEqual([...OBJECT_MEMBERS].sort());
      for (const name of OBJECT_MEMBERS) {
        const value = encodeURIComponent(`value of ${name}`);
        for (const filter of [`label=${name}`, `metadata.${name}=${value}`]) {
          const { data } = (await api.list(`?${filter}`)).body;
          expect(data.map(({ id }) => id)).toContain(run.id);
        }
        expect((await api.list(`?metadata.${name}=other`)).body.data).toEqual([]);
        const { groups } = (await api.usage(`?group_by=metadata.${name}`)).body;
        expect(groups?.map(({ key }) => key)).toContain(`value of ${name}`);
        const found = { [`metadata.${name}`]: `value of ${name}`, label: name };
        const matches = await api.search('prototypes', found);
        expect(matches.map(({ run_id }) => run_id)).toContain(run.id);
        expect(await api.search('prototypes', { [`metadata.${name}`]: 'other' })).toEqual([]);
      }
      const { groups } = (await api.usage('?group_by=label')).body;
      expect(groups?.map(({ key }) => key)).toEqual(expect.arrayContaining(OBJECT_MEMBERS));
    });

    test('are settings of a comparison as any other', async () => {
      const { constructor: _, ...metadata } = each(() => 'x');
      const answer = await api.send('/comparisons', {
        ...{ prompts: ['Explain maps.'], ...fast, index: false, settings, metadata },
      });
      expect(answer.status).toBe(202);
      const { id } = (await answer.json()) as ComparisonView;
      const compared = await pollUntil(
        () => `the end of ${id}`,
        async () => {
          const { body } = await api.get<ComparisonView>(`/comparisons/${id}`);
          return body.status === 'completed' && body;
        },
        LIMIT_MS,
      );
      expect(compared.settings.map(({ label }) => label)).toEqual(OBJECT_MEMBERS);
      expect(compared.metadata).toEqual(metadata);
    });

    test('are columns of a table and places of its template as any other', async () => {
      const template = `Explain ${OBJECT_MEMBERS.map((name) => `{{${name}}}`).join(' ')}.`;
      const rows = [OBJECT_MEMBERS.join(','), OBJECT_MEMBERS.map((_, at) => `word${at}`).join(',')];
      const { csv, jsonl } = await resultsOf('names.csv', rows.join('\n'), { ...fast, prompt: template });
      expect(csv.split('\r\n')[0]).toMatch(new RegExp(`^\\uFEFF?${OBJECT_MEMBERS.join(',')},text,status,`));
      expect(csv.split('\r\n')[1]).toMatch(/^word0,word1,word2,word3,word4,word5,word6,word7,/);
      const { columns, run } = JSON.parse(jsonl) as ResultLine;
      expect(Object.keys(columns ?? {})).toEqual(OBJECT_MEMBERS);
      const { body } = await api.get(`/runs/${run?.id}`);
      expect(body.prompt).toBe(`Explain ${OBJECT_MEMBERS.map((_, at) => `word${at}`).join(' ')}.`);
    });

    test('are variables and metadata of lines as any other', async () => {
      const line = { variables: each((name) => `the ${name}`), metadata: each(() => 'x') };
      const template = `Explain ${OBJECT_MEMBERS.map((name) => `{{${name}}}`).join(', ')}.`;
      const content = JSON.stringify(line);
      const { jsonl } = await resultsOf('names.jsonl', content, { ...fast, prompt: template });
      const { run } = JSON.parse(jsonl) as ResultLine;
      expect(Object.entries(run?.metadata ?? {})).toEqual(Object.entries(line.metadata));
      expect((await api.get(`/runs/${run?.id}`)).body.prompt).toContain('the constructor, the __proto__,');
    });

    test.each(OBJECT_MEMBERS)(
      'is no field, parameter or model because every object has it: %s',
      async (name) => {
        const unknown = { prompt: 'x', ...Object.fromEntries([[name, 'x']]) };
        const field = await api.run<Problem>(unknown);
        expect([field.status, field.body.errors?.map(({ path }) => path)]).toEqual([400, [name]]);
        const parameter = await api.get<Problem>(`/runs?${name}=x`);
        expect([parameter.status, parameter.body.errors?.[0]?.path]).toEqual([400, name]);
        expect((await api.get(`/runs/${name}`)).status).toBe(404);
        const run = await api.run<Problem>({ prompt: 'x', model: name, extra_body: { pace: 0 } });
        expect(run.status).not.toBe(500);
      },
    );
  });
