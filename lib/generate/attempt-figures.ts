import type { AttemptFigures } from './model.ts';

const figuresByError = new WeakMap<Error, AttemptFigures>();
const refusedByError = new WeakMap<Error, string>();

/** Gives an error the figures of the attempt it ended, and returns it. */
export const withFigures = <E extends Error>(error: E, figures: AttemptFigures): E => {
  figuresByError.set(error, figures);
  return error;
};

/** The figures of the attempt that an error ended; undefined where nobody measured any. */
export const figuresOfError = (error: unknown): AttemptFigures | undefined =>
  error instanceof Error ? figuresByError.get(error) : undefined;

/** Marks an error as the server's refusal of one field of the body by name, and returns it. */
export const withRefusedField = <E extends Error>(error: E, field: string | undefined): E => {
  if (field !== undefined) refusedByError.set(error, field);
  return error;
};

/** The body field that the server refused by name, if the error is such a refusal. */
export const refusedFieldOf = (error: unknown): string | undefined =>
  error instanceof Error ? refusedByError.get(error) : undefined;
