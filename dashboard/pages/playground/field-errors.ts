import { ApiError } from '../../../client/index.ts';

/** The API's complaints by the path of the field, as `settings.0.top_p`. */
export type FieldErrors = {
  at: (path: string) => string | undefined;
  /** Whether each complaint stands at a field that this page shows. */
  isAllShown: boolean;
};

const SHOWN = /^(prompt|messages(\.\d+(\.\w+)?)?|settings\.\d+\.\w+)$/;

export const errorsByField = (error: unknown): FieldErrors => {
  const errors = error instanceof ApiError ? (error.errors ?? []) : [];
  const byPath = new Map(errors.map(({ path, message }) => [path, message]));
  return {
    at: (path) => byPath.get(path),
    isAllShown: errors.length > 0 && errors.every(({ path }) => SHOWN.test(path)),
  };
};
