import type { ComparisonRequest } from '../../../../client/index.ts';
import { dropAbsent } from '../../../../lib/json/value.ts';
import { UsageError } from '../../../command.ts';
import type { Setting } from '../../../setting.ts';
import type { MatrixFile } from './matrix-file.ts';
import type { Objectives } from './objective.ts';

export type MatrixOptions = {
  prompt?: string[] | undefined;
  promptsFile?: string[] | undefined;
  setting?: Setting[] | undefined;
  model?: string[] | undefined;
  samples?: number | undefined;
  maxTokens?: number | undefined;
  temperature?: number | undefined;
  name?: string | undefined;
  objective?: Objectives[] | undefined;
  check?: NonNullable<ComparisonRequest['checks']> | undefined;
  metadata?: [string, string][] | undefined;
  strictSampling?: true | undefined;
};

export type Matrix = { request: ComparisonRequest } & Pick<MatrixFile, 'explain'>;

/** Enough blocks to tell a doubled time; fewer than six tell nothing. */
const DEFAULT_BLOCKS = 20;
const MAX_SAMPLES = 64;

/**
 * The comparison that a file and options ask for. Options replace fields of the file. Without `samples` it has twenty
 * blocks or more.
 *
 * @throws {UsageError} without prompts or settings
 */
export const readRequest = async (path: string | undefined, options: MatrixOptions): Promise<Matrix> => {
  const file = path === undefined ? undefined : await (await import('./matrix-file.ts')).readMatrix(path);
  const given = dropAbsent({
    prompts: await promptsOf(options),
    settings: settingsOf(options),
    samples: options.samples,
    max_tokens: options.maxTokens,
    temperature: options.temperature,
    name: options.name,
    objectives: options.objective && Object.assign({}, ...options.objective),
    checks: options.check,
    metadata: options.metadata && Object.fromEntries(options.metadata),
    strict_sampling: options.strictSampling,
  });
  const body = { ...file?.body, ...given };
  if (file === undefined && given.prompts === undefined)
    throw new UsageError(
      'there is nothing to compare; give prompts by --prompt or --prompts-file, or a file',
    );
  if (file === undefined && given.settings === undefined)
    throw new UsageError(
      "there is nothing to compare; give settings, as --setting 'Cold: temperature=0' --setting 'Warm: temperature=1', or --model twice",
    );
  const prompts = Array.isArray(body.prompts) ? body.prompts.length : 1;
  const samples = Math.min(MAX_SAMPLES, Math.ceil(DEFAULT_BLOCKS / Math.max(1, prompts)));
  return {
    request: { samples, ...body } as ComparisonRequest,
    explain: file?.explain ?? ((error) => error),
  };
};

const promptsOf = async ({
  prompt = [],
  promptsFile = [],
}: MatrixOptions): Promise<ComparisonRequest['prompts'] | undefined> => {
  if (prompt.length + promptsFile.length === 0) return undefined;
  const { readPrompts } = await import('./prompts.ts');
  const ofFiles = await Promise.all(promptsFile.map(readPrompts));
  return [...prompt, ...ofFiles.flat()];
};

/** The settings, and one for each model that is named by itself. */
const settingsOf = ({ setting = [], model = [] }: MatrixOptions): Setting[] | undefined => {
  const all = [...setting, ...model.map((name) => ({ label: name, model: name }))];
  return all.length === 0 ? undefined : all;
};
