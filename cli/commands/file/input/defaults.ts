import { readFile } from 'node:fs/promises';
import { parseFileDefaults } from '../../../../lib/files/formats/file-defaults.ts';
import { sidecarKeyOf } from '../../../../lib/files/formats/format-of-key.ts';
import type { FileDefaults } from '../../../../lib/files/formats/source-record.ts';
import { dropAbsent, isObject } from '../../../../lib/json/value.ts';
import { overlay } from '../../../../lib/runs/template.ts';
import { CommandError } from '../../../command.ts';
import type { FieldOptions } from './fields.ts';

/** Fields for every row, as the API takes them. */
export type Fields = Record<string, unknown>;

export type Defaults = {
  fields: Fields;
  parsed: FileDefaults;
  /** The file beside the table from which some of them are. */
  sidecar: string | undefined;
};

const MAX_TEMPLATE_BYTES = 512 * 1024;

/** The fields that options give. @throws {CommandError} when the template cannot be read */
export const fieldsOf = async (options: FieldOptions): Promise<Fields> => {
  const { template, metadata, default: others = [] } = options;
  return dropAbsent({
    ...Object.fromEntries(others),
    prompt: template === undefined ? undefined : await readTemplate(template),
    model: options.model,
    max_tokens: options.maxTokens,
    temperature: options.temperature,
    top_p: options.topP,
    top_k: options.topK,
    samples: options.samples,
    max_cost_usd: options.maxCostUsd,
    metadata: metadata && Object.fromEntries(metadata),
  });
};

/** The fields of the file's own `.defaults.json` and, over them, `own`. @throws {CommandError} naming the wrong field */
export const mergedDefaults = async (path: string, own: Fields): Promise<Defaults> => {
  const sidecar = sidecarKeyOf(path);
  const text = await readFile(sidecar, 'utf8').catch(() => undefined);
  const beside = text === undefined ? {} : sidecarFields(sidecar, text);
  const fields = overlaid(beside, own);
  return { fields, parsed: parseFileDefaults(fields), sidecar: text === undefined ? undefined : sidecar };
};

const sidecarFields = (path: string, text: string): Fields => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CommandError(`${path} is not valid JSON; it takes an object such as {"max_tokens": 60}`);
  }
  const fields = isObject(value) && Object.keys(value).join() === 'defaults' ? value.defaults : value;
  if (!isObject(fields)) throw new CommandError(`${path} takes an object such as {"max_tokens": 60}`);
  return fields;
};

/** A prompt takes the place of messages, and metadata is merged by its names. */
export const overlaid = (base: Fields, own: Fields): Fields => ({
  ...overlay(base, own),
  ...(isObject(base.metadata) &&
    isObject(own.metadata) && { metadata: { ...base.metadata, ...own.metadata } }),
});

const readTemplate = async (path: string): Promise<string> => {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) throw new CommandError(`--template: ${path} cannot be read; check the path`);
  if (bytes.length > MAX_TEMPLATE_BYTES)
    throw new CommandError(`--template: ${path} has over ${MAX_TEMPLATE_BYTES} bytes; shorten it`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new CommandError(`--template: ${path} is not UTF-8; save it as UTF-8`);
  }
  // An editor ends each file with a line break, which belongs to no prompt.
  const prompt = text.replace(/\r?\n$/, '');
  if (prompt.trim() === '') throw new CommandError(`--template: ${path} is empty; write the prompt into it`);
  return prompt;
};
