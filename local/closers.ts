/** Ends a part that a start has opened. */
export type Closer = () => Promise<void> | void;

/** A part once it is open, to be closed with the others. */
export const opened = async <T extends { close: () => Promise<void> }>(
  closers: Closer[],
  opening: Promise<T>,
): Promise<T> => {
  const part = await opening;
  closers.push(() => part.close());
  return part;
};

/** Closes what was opened, the latest first. */
export const closeAll = async (closers: Closer[]): Promise<void> => {
  for (const close of closers.splice(0).reverse()) await close();
};
