import { InvalidInputError } from '../../errors.ts';

/** What is wrong with a file as a whole; it is recorded as the file's result and never tried again. */
export type FileFault =
  | 'empty'
  | 'bad_encoding'
  | 'invalid_json'
  | 'too_large'
  | 'too_many_prompts'
  | 'bad_header'
  | 'bad_defaults';

/** Throws `InvalidInputError`: nothing of the file is taken. */
export const refuseFile = (code: FileFault, message: string): never => {
  throw new InvalidInputError([{ path: '', message }], { code });
};
