import { bodyOf, type MakeReader } from '../reader.ts';

export const makeReader: MakeReader = (addresses) => async (shape) => {
  const body = await bodyOf(addresses, shape);
  while (!(await body.read()).done);
  return null;
};
