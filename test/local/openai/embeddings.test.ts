import OpenAI from 'openai';
import { beforeAll, describe, expect, test } from 'vitest';
import { withDimensions } from '../../../local/openai/embeddings.ts';
import { type LocalOpenai, localOpenai } from '../../fixtures/local-openai.ts';

let server: LocalOpenai;
let client: OpenAI;
beforeAll(async () => {
  server = await localOpenai();
  client = new OpenAI({ apiKey: server.apiKey, baseURL: server.url, maxRetries: 0 });
});

const cosine = (a: number[], b: number[]): number =>
  a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
const lengthOf = (vector: number[]): number => Math.hypot(...vector);

test('the official client gets 1536 values of length one, nearer for similar texts', async () => {
  const { data, model, usage } = await client.embeddings.create({
    model: 'text-embedding-3-small',
    input: ['The cat sat on the mat', 'A kitten rested on a rug', 'A vector database stores embeddings.'],
  });
  expect(model).toBe('everytoken-use');
  expect(data.map(({ index }) => index)).toEqual([0, 1, 2]);
  const [cat, kitten, database] = data.map(({ embedding }) => embedding);
  if (!cat || !kitten || !database) throw new Error('Three inputs have three vectors.');
  expect(cat).toHaveLength(1536);
  expect(lengthOf(cat)).toBeCloseTo(1, 5);
  expect(cat.slice(512).every((value) => value === 0)).toBe(true);
  expect(cosine(cat, kitten)).toBeGreaterThan(cosine(cat, database) + 0.3);
  expect(usage).toEqual({ prompt_tokens: 18, total_tokens: 18 }); // six words each, or five and a full stop
});

test('floats and base64 encode the same vector', async () => {
  const request = { model: 'everytoken-use', input: 'nearest neighbours' };
  const floats = await client.embeddings.create({ ...request, encoding_format: 'float' });
  const encoded = await client.embeddings.create({ ...request, encoding_format: 'base64' });
  const base64: unknown = encoded.data[0]?.embedding;
  const bytes = Buffer.from(String(base64), 'base64');
  const values = Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(at * 4));
  expect(values).toEqual(floats.data[0]?.embedding);
});

test('fewer dimensions are truncated and scaled to length one', async () => {
  const { data } = await client.embeddings.create({
    model: 'everytoken-use',
    input: 'a graph index',
    dimensions: 256,
  });
  expect(data[0]?.embedding).toHaveLength(256);
  expect(lengthOf(data[0]?.embedding ?? [])).toBeCloseTo(1, 5);
});

test('a text longer than the encoder’s input is the mean of its windows', async () => {
  const beginning = 'The gardener waters the roses in the morning, and then the lilies. '.repeat(7);
  const input = [beginning, beginning + 'A ship carries people and goods over the open sea. '.repeat(9)];
  const { data } = await client.embeddings.create({ model: 'everytoken-use', input });
  const [short, long] = data.map(({ embedding }) => embedding);
  expect(lengthOf(long ?? [])).toBeCloseTo(1, 5);
  expect(cosine(short ?? [], long ?? [])).toBeLessThan(0.95);
});

describe('an embeddings request that OpenAI refuses is refused', () => {
  test.each([
    ['an empty string', ''],
    ['an empty string among others', ['a', '']],
    ['no input at all', []],
    ['tokens', [1, 2, 3]],
    ['arrays of tokens', [[1, 2, 3]]],
    ['more than 2048 inputs', Array(2049).fill('a')],
    ['more than 8192 tokens', 'a b '.repeat(8000)],
  ])('with %s', async (_, input) => {
    const refused = client.embeddings.create({ model: 'everytoken-use', input });
    await expect(refused).rejects.toMatchObject({ status: 400, param: 'input' });
  });

  test('with dimensions out of range and unknown formats', async () => {
    const create = (change: object) =>
      client.embeddings.create({
        model: 'everytoken-use',
        input: 'a',
        ...change,
      } as OpenAI.EmbeddingCreateParams);
    await expect(create({ dimensions: 0 })).rejects.toMatchObject({ status: 400, param: 'dimensions' });
    await expect(create({ encoding_format: 'hex' })).rejects.toMatchObject({
      status: 400,
      param: 'encoding_format',
    });
    await expect(create({ truncate: true })).rejects.toThrow(
      'Unrecognized request argument supplied: truncate',
    );
  });
});

test('padding with zeros leaves every value and therefore every cosine unchanged', () => {
  const vector = Float32Array.of(0.6, 0.8);
  expect(withDimensions(vector, 4)).toEqual(Float32Array.of(0.6, 0.8, 0, 0));
  expect(withDimensions(vector, 1)).toEqual(Float32Array.of(1));
});
