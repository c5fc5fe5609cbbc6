import type { Comparison, ComparisonRequest, ExportRow } from '../client/api-types.ts';

/** A row of an export that stands for a generation of a comparison's block. */
export type Answer = ExportRow & { block: number; promptAt: number };

/** All that a report tells. Every figure in it is the API's. */
export type ComparisonData = {
  comparison: Comparison;
  answers: readonly Answer[];
  prompts: readonly Prompt[];
  /** The request that began it, or what can be read of it. */
  request: ComparisonRequest;
  /** Whether `request` lacks what the API does not keep: checks. */
  isRebuilt: boolean;
};

export type Prompt = {
  at: number;
  text: string | null;
  messages: { role: string; content: string }[] | null;
};

/** Whether nothing of a comparison will change any more. */
export const hasEnded = ({ status }: Pick<Comparison, 'status'>): boolean =>
  status !== 'generating' && status !== 'generated';

type Sources = {
  comparison: Comparison;
  /** The rows of an export of its runs, with texts. */
  rows: readonly ExportRow[];
  request?: ComparisonRequest | undefined;
};

/** Puts a comparison and the rows of its runs together. Warm-ups are left out. */
export const comparisonData = ({ comparison, rows, request }: Sources): ComparisonData => {
  const answers = rows.flatMap(answerOf).toSorted((a, b) => a.promptAt - b.promptAt || a.block - b.block);
  const prompts = Array.from({ length: comparison.prompts }, (_, at): Prompt => {
    const row = answers.find(({ promptAt }) => promptAt === at);
    return {
      at,
      text: row?.prompt ?? null,
      messages: (row?.messages as Prompt['messages'] | undefined) ?? null,
    };
  });
  return {
    comparison,
    answers,
    prompts,
    request: request ?? rebuilt(comparison, prompts),
    isRebuilt: request === undefined,
  };
};

const answerOf = (row: ExportRow): Answer[] => {
  const { block, prompt } = (row.metadata ?? {}) as { block?: string; prompt?: string };
  if (block === undefined || prompt === undefined || row.index === null) return [];
  return [{ ...row, block: Number(block), promptAt: Number(prompt) }];
};

/** A request that asks for the same again; it has no checks, since a comparison keeps their results alone. */
const rebuilt = (
  { name, settings, samples, objectives }: Comparison,
  prompts: readonly Prompt[],
): ComparisonRequest => {
  const body = {
    ...(name === null ? {} : { name }),
    prompts: prompts.map(({ text, messages }) => (messages === null ? (text ?? '') : { messages })),
    settings: settings.map(({ label, model, requested }) => ({ label, model, ...requested })),
    samples,
    ...(objectives === null ? {} : { objectives }),
  };
  return body as ComparisonRequest;
};
