import { PutObjectCommand } from '@aws-sdk/client-s3';
import { parse } from 'csv-parse/sync';
import type { ChatCompletion } from 'openai/resources/chat/completions';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { ResultLine } from '../../lib/files/results/line-results.ts';
import type { Upload } from '../../lib/files/upload.ts';
import type { FileView } from '../../lib/files/view.ts';
import type { FileAnswer } from '../../lib/http/files/routes.ts';
import type { RunSummaryView } from '../../lib/runs/view.ts';
import { pollUntil } from '../../tools/poll-until.ts';
import { type Client, clientOf } from './everytoken-client.ts';
import { type AwsClients, awsClients } from './stack-clients.ts';
import type { RunningStack } from './stack-process.ts';

const folder = 'prompts/@local/e2e';
const LIMIT_MS = 50_000;
const fast = { max_tokens: 8, index: false, extra_body: { pace: 0 } };

const jsonLines = (rows: unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const parsed = <T>(text: string): T[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** As a German Excel saves it: BOM, semicolons, CRLF, decimal commas, line breaks within cells. */
const germanCsv = [
  '\uFEFFProdukt;Preis;Beschreibung;temperature',
  '"Kessel ""Aroma""";129,90;"Zwei Tassen;\nein Knopf";0,7',
  'Bügeleisen;49,00;Mit Dampf;',
  '',
].join('\r\n');
const template = { prompt: 'Beschreibe {{Produkt}} zu {{Preis}} Euro. {{Beschreibung}}', ...fast };

const forty = (seventh: object) =>
  jsonLines([
    { defaults: { ...fast, prompt: 'Explain {{topic}} in one sentence.' } },
    ...Array.from({ length: 40 }, (_, at) => ({
      variables: { topic: `cache number ${at + 1}` },
      ...(at === 6 && seventh),
    })),
  ]);

const batchLine = (custom_id: string, url: string, content: unknown) => ({
  custom_id,
  method: 'POST',
  url,
  body: {
    model: 'everytoken-ngram',
    messages: [
      { role: 'system', content: 'You are brief.' },
      { role: 'user', content },
    ],
    max_tokens: 8,
    // Without a seed an answer now and then ends before its eighth token.
    seed: 7,
    pace: 0,
  },
});
const chat = '/v1/chat/completions';
const batch = [
  batchLine('whole', chat, 'Explain retries.'),
  batchLine('other endpoint', '/v1/embeddings', 'Explain retries.'),
  batchLine('parts', chat, [{ type: 'text', text: 'Explain queues.' }]),
];

/** Every field that OpenAI's type requires; the compiler checks this schema against that type. */
const chatCompletion: z.ZodType<ChatCompletion> = z.object({
  id: z.string().min(1),
  object: z.literal('chat.completion'),
  created: z.int().positive(),
  model: z.string().min(1),
  choices: z
    .array(
      z.object({
        index: z.int(),
        finish_reason: z.enum(['stop', 'length', 'tool_calls', 'content_filter', 'function_call']),
        logprobs: z.null(),
        message: z.object({ role: z.literal('assistant'), content: z.string(), refusal: z.null() }),
      }),
    )
    .length(1),
  usage: z.object({ prompt_tokens: z.int(), completion_tokens: z.int(), total_tokens: z.int() }),
});

/** A line of a Batch output file as OpenAI documents it; its SDK has types for the body alone. */
const batchOutputLine = z.object({
  id: z.string().min(1),
  custom_id: z.string(),
  response: z
    .object({ status_code: z.literal(200), request_id: z.string().min(1), body: chatCompletion })
    .nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});

export const describeFiles = (stack: () => RunningStack) =>
  describe('a prompt file', () => {
    let api: Client;
    let aws: AwsClients;
    beforeAll(() => {
      api = clientOf(stack().file.api);
      aws = awsClients(stack().file);
    });
    afterAll(() => aws.destroy());

    const put = (name: string, Body: string) => {
      const [Bucket] = Object.values(stack().file.buckets);
      return aws.s3.send(new PutObjectCommand({ Bucket, Key: `${folder}/${name}`, Body }));
    };
    const read = async (id: string) => (await api.get<FileAnswer>(`/files/${id}`)).body;
    const ended = (id: string) =>
      pollUntil(
        () => `the end of ${id}; the stack says ${stack().output().slice(-2000)}`,
        async () => {
          const file = await read(id);
          return file.ended_at !== null && file;
        },
        LIMIT_MS,
      );
    /** The newest file under a key other than `before`, once it has ended. */
    const newest = async (name: string, before?: string) => {
      const { id } = await pollUntil(
        () => `a file ${name}; the stack says ${stack().output().slice(-2000)}`,
        async () => {
          const { data } = (await api.get<{ data: FileView[] }>('/files?limit=100')).body;
          return data.find(({ key, id }) => key === `${folder}/${name}` && id !== before);
        },
        LIMIT_MS,
      );
      return ended(id);
    };
    const upload = async (filename: string, content: string, defaults?: object): Promise<string> => {
      const request = { filename, size_bytes: Buffer.byteLength(content), ...(defaults && { defaults }) };
      const answer = await api.send('/files', request);
      const { id, upload } = (await answer.json()) as Upload;
      expect([answer.status, answer.headers.get('location')]).toEqual([201, `/files/${id}`]);
      const { url, method, headers } = upload;
      expect((await fetch(url, { method, headers, body: content })).status).toBe(200);
      return id;
    };
    const download = async (url: string | undefined) => (await fetch(url ?? '')).text();

    test('written by a German Excel comes back as a table that Excel can open', async () => {
      await put('Geräte März.csv.defaults.json', JSON.stringify(template));
      await put('Geräte März.csv', germanCsv);
      const { status, counts, results } = await newest('Geräte März.csv');
      expect([status, counts.completed]).toEqual(['completed', 2]);

      const table = await aws.text(results.jsonl.replace(/jsonl$/, 'csv'));
      expect(table.startsWith('\uFEFFProdukt;')).toBe(true);
      expect(table.split('\r\n')).toHaveLength(4);
      const rows: Record<string, string>[] = parse(table, { bom: true, columns: true, delimiter: ';' });
      const given = parse(germanCsv, { bom: true, columns: true, delimiter: ';' });
      expect(rows).toMatchObject(given);
      expect(rows.map(({ status, error }) => [status, error])).toEqual([
        ['completed', ''],
        ['completed', ''],
      ]);
      const lines = parsed<ResultLine>(await aws.text(results.jsonl));
      expect(lines.map(({ line, run }) => [line, run?.prompt])).toEqual([
        [2, 'Beschreibe Kessel "Aroma" zu 129,90 Euro. Zwei Tassen;\nein Knopf'],
        [4, 'Beschreibe Bügeleisen zu 49,00 Euro. Mit Dampf'],
      ]);
      expect(lines.map(({ run }) => run?.generations[0]?.sampling?.requested.temperature)).toEqual([
        0.7,
        undefined,
      ]);
      expect(rows.map(({ text }) => text)).toEqual(lines.map(({ run }) => run?.generations[0]?.text));
    });

    test('with one bad line in forty has 39 results; once corrected, only that line is generated', async () => {
      await put('forty.jsonl', forty({ max_tokens: 0 }));
      const first = await newest('forty.jsonl');
      expect(first.status).toBe('completed_with_errors');
      expect(first.counts).toMatchObject({ lines: 40, refused: 1, generated: 39, completed: 39, failed: 1 });
      const failed = parsed<ResultLine>(await aws.text(first.results.jsonl)).filter(({ error }) => error);
      // The defaults are the first line of the file.
      expect(failed).toMatchObject([{ line: 8, error: { errors: [{ path: 'max_tokens' }] } }]);

      await put('forty.jsonl', forty({ max_tokens: 4 }));
      const second = await newest('forty.jsonl', first.id);
      expect(second.status).toBe('completed');
      expect(second.counts).toMatchObject({ lines: 40, reused: 39, generated: 1, completed: 40, failed: 0 });
      const lines = parsed<ResultLine>(await aws.text(`results/${folder}/forty.jsonl.jsonl`));
      expect(lines.map(({ line }) => line)).toEqual(Array.from({ length: 40 }, (_, at) => at + 2));
    }, 300_000);

    test('with emoji in its name, labels, metadata and prompts completes every line', async () => {
      const line = { ...fast, index: true, samples: 2, settings: [{ label: '🚀' }], metadata: { '🔭': '🛰' } };
      const name = '🚀 漢 + 🧪.jsonl';
      const prompts = ['Explain 🧪 one.', 'Explain 🧪 two.'];
      await put(name, jsonLines(prompts.map((prompt) => ({ ...line, prompt }))));
      const { status, counts, results } = await newest(name);
      expect([status, counts.completed]).toEqual(['completed', 2]);
      const lines = parsed<ResultLine>(await aws.text(results.jsonl));
      expect(lines.map(({ run }) => [run?.prompt, run?.generations.map(({ label }) => label)])).toEqual(
        prompts.map((prompt) => [prompt, ['🚀', '🚀']]),
      );
      for (const { run_id } of lines) {
        expect((await api.completed(String(run_id))).metadata).toMatchObject({ '🔭': '🛰' });
      }
    });

    test('made for the Batch API has results in the shape of its output, by the types of the openai SDK', async () => {
      const file = await ended(await upload('batch.jsonl', jsonLines(batch)));
      const rows = parsed<unknown>(await download(file.downloads?.jsonl));
      const lines = rows.map((row) => batchOutputLine.parse(row));
      expect(lines.map(({ custom_id, error }) => [custom_id, error?.code])).toEqual([
        ['whole', undefined],
        ['other endpoint', 'invalid_input'],
        ['parts', undefined],
      ]);
      const answers = lines.flatMap(({ response }) => (response ? [response.body] : []));
      expect(answers.map(({ usage }) => usage?.completion_tokens)).toEqual([8, 8]);
      expect(answers.map(({ choices }) => choices[0]?.finish_reason)).toEqual(['length', 'length']);
      expect(rows[0]).toMatchObject({ everytoken: { line: 1, timing: { ttft_ms: expect.any(Number) } } });
    });

    test('deleted while it runs finishes the lines under way, and has a result for each line', async () => {
      const rows = Array.from({ length: 20 }, (_, at) => ({ prompt: `Explain shard ${at}.` }));
      const slow = { max_tokens: 20, index: false, extra_body: { pace: 20 } };
      const id = await upload('slow.jsonl', jsonLines(rows), slow);
      await pollUntil('it is generating', async () => (await read(id)).status === 'generating', LIMIT_MS);
      const deleted = await api.call(`/files/${id}`, { method: 'DELETE' });
      expect([deleted.status, await deleted.json()]).toMatchObject([200, { stopped: { code: 'cancelled' } }]);

      const { status, counts, downloads } = await ended(id);
      expect([status, counts.completed + counts.not_begun]).toEqual(['completed_with_errors', 20]);
      expect(counts.not_begun).toBeGreaterThan(0);
      const lines = parsed<ResultLine>(await download(downloads?.jsonl));
      expect(lines.map(({ line }) => line)).toEqual(rows.map((_, at) => at + 1));
      expect(lines.filter(({ run }) => run?.generations[0]?.text)).toHaveLength(counts.completed);
      expect(lines.filter(({ error }) => error?.code === 'cancelled')).toHaveLength(counts.not_begun);
    });

    test('of a dry run is checked and estimated, and nothing is generated', async () => {
      const rows = [{ prompt: 'Explain queues.' }, { promt: 'Explain retries.' }];
      const id = await upload('dry.jsonl', jsonLines(rows), { max_tokens: 100, dry_run: true });
      const { status, dry_run, downloads } = await ended(id);
      expect([status, dry_run]).toEqual(['completed_with_errors', true]);
      const lines = parsed<ResultLine>(await download(downloads?.jsonl));
      const sent = {
        max_tokens: 100,
        model: 'everytoken-ngram',
        messages: [{ role: 'user', content: 'Explain queues.' }],
        stream: true,
        stream_options: { include_usage: true, continuous_usage_stats: true },
      };
      const tokens = Buffer.byteLength(JSON.stringify(sent)) + 100;
      expect(lines).toMatchObject([
        { line: 1, status: 'valid', estimate: { tokens } },
        { line: 2, status: 'failed', error: { errors: [{ path: 'promt' }] } },
      ]);
      expect(JSON.parse(await download(downloads?.summary))).toMatchObject({
        counts: { valid: 1, refused: 1, generations: 0 },
        estimate: { tokens },
      });
      const runs = await api.get<{ data: RunSummaryView[] }>(`/runs?file=${id}`);
      expect(runs.body.data).toEqual([]);
    });
  });
