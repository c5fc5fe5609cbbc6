import { InvalidInputError, withPaths } from '../../errors.ts';
import { dropAbsent, jsonBytes } from '../../json/value.ts';
import {
  answerBytes,
  type ParsedEmbeddingsRequest,
  parseEmbeddingsRequest,
} from '../../openai/embeddings-request.ts';
import { refuseFile } from '../formats/faults.ts';
import type { FileLineEntry, PromptFile } from '../prompt-file.ts';
import type { BlockLine } from '../read/block-writer.ts';
import type { ReadLine } from '../read/open-records.ts';

/** The embedding model of the deployment, and the dimensions of a vector for which none are asked. */
export type EmbeddingModel = { model: string; dimensions: number };

/** Whether the lines of a file ask for embeddings, so that they have no runs. */
export const isOfEmbeddings = ({ openaiBatch }: Partial<Pick<PromptFile, 'openaiBatch'>>): boolean =>
  openaiBatch?.endpoint === '/v1/embeddings';

/**
 * Reads the body of a line as a request for embeddings.
 * @throws {InvalidInputError} as `parseEmbeddingsRequest` does; paths begin with `body`, as in the line.
 */
export const embeddingsOfLine = (body: unknown, model: EmbeddingModel): ParsedEmbeddingsRequest => {
  try {
    return parseEmbeddingsRequest(body, model, 'give them several lines');
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw inLine(error);
  }
};

/** An error of a request for embeddings with the paths of the line that asks for them. */
export const inLine = (error: InvalidInputError): InvalidInputError =>
  withPaths(error, (path) => (path ? `body.${path}` : 'body'));

/**
 * The inputs of all lines of a file: OpenAI's limit for a batch. It also bounds the results, whose parts are numbered up
 * to 10,000: https://platform.openai.com/docs/guides/batch
 */
export const MAX_FILE_INPUTS = 50_000;

/** The dimensions by which an answer is weighed that has the deployment's: reading again must cut the same blocks. */
const USUAL_DIMENSIONS = 1_536;

/**
 * Makes the function that turns the lines of one file into lines of its blocks, checked as requests for embeddings. A
 * block is as large as its answers may be, so that the results of one are written in seconds. `from` is the number of
 * inputs that were read before.
 */
export const makeEmbeddingsLines = (model: EmbeddingModel, from = 0) => {
  let inputs = from;
  return {
    /**
     * A refused line carries its error.
     * @throws {InvalidInputError} `too_many_prompts` when the lines so far have over 50,000 inputs.
     */
    blockLineOf: ({ request }: ReadLine): BlockLine => {
      const { line, body, error, customId } = request;
      const entry: FileLineEntry = { line, occurrence: 0, body, ...dropAbsent({ custom_id: customId }) };
      const refused = (why: FileLineEntry['error']): BlockLine => {
        const { body: _, ...rest } = entry;
        const own: FileLineEntry = { ...rest, body: null, ...(why && { error: why }) };
        return { entry: own, size: jsonBytes(own), delaySeconds: 0 };
      };
      if (body === null || error) return refused(error);
      let asked: ParsedEmbeddingsRequest;
      try {
        asked = embeddingsOfLine(body, model);
      } catch (fault) {
        if (!(fault instanceof InvalidInputError)) throw fault;
        const { code, message, issues } = fault;
        return refused({ code, message, errors: issues });
      }
      inputs += asked.inputs.length;
      if (inputs > MAX_FILE_INPUTS)
        refuseFile(
          'too_many_prompts',
          `the lines have over ${MAX_FILE_INPUTS} inputs together; split the file into several`,
        );
      const { dimensions = USUAL_DIMENSIONS, format } = asked;
      const size = Math.max(jsonBytes(entry), answerBytes(asked.inputs.length, { dimensions, format }));
      return { entry, size, delaySeconds: 0 };
    },
    /** The number of inputs so far, for a checkpoint. */
    inputs: (): number => inputs,
  };
};
