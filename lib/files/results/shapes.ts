import { own } from '../../json/value.ts';
import { chatCompletionOf } from '../../openai/chat-completion.ts';
import { wholeResponse } from '../../openai/responses/whole-response.ts';
import type { ReadAnswer } from '../embeddings/answers.ts';
import type { SourceHead } from '../formats/source-record.ts';
import { csvRow } from './csv-cells.ts';
import type { AssembledLine, ResultLine } from './line-results.ts';
import { BATCH_SUFFIXES, type ResultSuffix } from './objects.ts';

/** The format of one results object: its opening, and how it renders a line. */
type ResultShape = {
  suffix: ResultSuffix;
  opening: string;
  /** Whether the object exists without content, too. */
  isAlways?: true;
  render: (line: AssembledLine) => string;
};

type Head = Pick<SourceHead, 'kind' | 'endpoint' | 'columns' | 'delimiter' | 'bom'>;

const REQUESTS: Head = { kind: 'requests', columns: null, delimiter: null, bom: false };

/**
 * The formats of a file's results: always `.jsonl`, for a table also a table, for a text file also its answer, for a
 * batch of OpenAI's API also its output and its errors. A file without a head (a comparison) holds run requests.
 */
export const shapesOf = (head: Head = REQUESTS): [ResultShape, ...ResultShape[]] => {
  const row = head.kind === 'batch' ? batchRow : ({ result }: AssembledLine) => JSON.stringify(result);
  const lines: ResultShape = { suffix: '.jsonl', opening: '', render: once((line) => `${row(line)}\n`) };
  if (head.kind === 'csv') return [lines, makeCsvShape(head)];
  if (head.kind === 'text')
    return [lines, { suffix: '.txt', opening: '', render: ({ result }) => answerOf(result) }];
  if (head.endpoint !== undefined) return [lines, ...batchShapes(lines.render)];
  return [lines];
};

/** Renders a line once for all objects that it stands in: it may have megabytes. */
const once = (render: ResultShape['render']): ResultShape['render'] => {
  let last: { line: AssembledLine; text: string } | undefined;
  return (line) => {
    if (last?.line !== line) last = { line, text: render(line) };
    return last.text;
  };
};

/** The lines of a batch with an answer, and those without, each in the order of the input. */
const batchShapes = (render: ResultShape['render']): ResultShape[] => {
  const isAnswered = ({ result }: AssembledLine) => result.status === 'completed';
  return [
    {
      suffix: BATCH_SUFFIXES.output,
      opening: '',
      isAlways: true,
      render: (line) => (isAnswered(line) ? render(line) : ''),
    },
    {
      suffix: BATCH_SUFFIXES.errors,
      opening: '',
      isAlways: true,
      render: (line) => (isAnswered(line) ? '' : render(line)),
    },
  ];
};

/**
 * A line of OpenAI's Batch output: `response.body` is a chat completion or a response; a failed line has `error` and no response.
 * The field `everytoken` holds the values that OpenAI's format has no field for.
 * https://platform.openai.com/docs/api-reference/batch/request-output
 */
const batchRow = (assembled: AssembledLine): string => {
  const { result, customId, asked, embeddings } = assembled;
  if (embeddings) return embeddingsRow(assembled, embeddings);
  const { line, run_id, status, run, error, estimate } = result;
  const [generation] = run?.generations ?? [];
  const isAnswered = status === 'completed' && run && generation;
  return JSON.stringify({
    id: `batch_req_${run_id ?? `line_${line}`}`,
    custom_id: customId,
    response: isAnswered ? { status_code: 200, request_id: run.id, body: bodyOf(run, asked) } : null,
    error: error && { code: error.code, message: error.message },
    everytoken: {
      line,
      run_id,
      status,
      ...(generation && {
        timing: generation.timing,
        attempts: generation.attempts,
        sampling: generation.sampling,
        cost_usd: generation.cost_usd,
        price: generation.price,
        ...(generation.left_out && { left_out: generation.left_out }),
      }),
      ...(error?.errors && { errors: error.errors }),
      ...(estimate && { estimate }),
    },
  });
};

/** The same of embeddings. Their list may have megabytes, so its text is passed on without being parsed. */
const embeddingsRow = ({ result, customId }: AssembledLine, { token, body, figures }: ReadAnswer): string => {
  const { line, run_id, status } = result;
  const { e2e_ms, cost_usd } = figures;
  const begin = JSON.stringify({ id: `batch_req_${token}`, custom_id: customId });
  const response = JSON.stringify({ status_code: 200, request_id: `req_${token}` });
  const end = JSON.stringify({
    error: null,
    everytoken: { line, run_id, status, timing: { e2e_ms }, cost_usd },
  });
  return `${begin.slice(0, -1)},"response":${response.slice(0, -1)},"body":${body}},${end.slice(1)}`;
};

const bodyOf = (run: NonNullable<ResultLine['run']>, asked: AssembledLine['asked']) =>
  asked ? wholeResponse({ ...run, diversity: null }, asked) : chatCompletionOf(run);

/** The answer to a text file; nothing where there is none, so that no error is ever taken for an answer. */
const answerOf = ({ run, status }: ResultLine): string =>
  status === 'completed' ? `${outputsOf(run)}\n` : '';

/** All outputs of a line as one text, separated by empty lines. */
const outputsOf = (run: ResultLine['run']): string =>
  (run?.generations ?? [])
    .filter(({ status }) => status === 'completed')
    .map(({ text }) => text)
    .join('\n\n');

/** The finish reason of a line's outputs: each once, where there are several. */
const finishOf = ({ run }: ResultLine): string =>
  [...new Set(run?.generations.map(({ finish_reason }) => finish_reason ?? ''))].filter(Boolean).join(' ');

/** The columns that results add to a table, in this order. */
const ADDED: Record<string, (line: AssembledLine) => string | number | null | undefined> = {
  text: ({ result }) => outputsOf(result.run),
  status: ({ result }) => result.status,
  prompt_tokens: ({ result }) => result.run?.usage.prompt_tokens,
  completion_tokens: ({ result }) => result.run?.usage.completion_tokens,
  cost_usd: ({ result }) => result.run?.cost_usd ?? result.estimate?.cost_usd,
  ttft_ms: ({ result }) => tenths(timingOf(result)?.ttft_ms),
  e2e_ms: ({ result }) => tenths(timingOf(result)?.e2e_ms),
  run_id: ({ result }) => result.run_id,
  error: ({ result }) => result.error && `${result.error.code}: ${result.error.message}`,
  finish_reason: ({ result }) => finishOf(result),
};

/**
 * A table of results: the input's columns unchanged, then the added ones, with the input's delimiter. An added column
 * whose name is taken gets the prefix `result_`.
 */
const makeCsvShape = ({ columns, delimiter, bom }: Head): ResultShape => {
  const given = columns ?? [];
  const between = delimiter ?? ',';
  const row = (cells: Parameters<typeof csvRow>[0]) => csvRow(cells, between);
  const taken = new Set(given);
  const names = Object.keys(ADDED).map((name) => {
    let free = name;
    while (taken.has(free)) free = `result_${free}`;
    return free;
  });
  return {
    suffix: '.csv',
    opening: `${bom ? '\uFEFF' : ''}${row([...given, ...names])}`,
    render: (line) =>
      row([
        ...given.map((name) => own(line.result.columns ?? {}, name)),
        ...Object.values(ADDED).map((read) => read(line)),
      ]),
  };
};

/** Rounds to a tenth of a millisecond; the .jsonl has all digits. */
const tenths = (ms: number | null | undefined): number | null | undefined =>
  ms === null || ms === undefined ? ms : Math.round(ms * 10) / 10;

const timingOf = ({ run }: ResultLine) =>
  run?.generations.length === 1 ? run.generations[0]?.timing : undefined;
