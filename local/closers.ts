/** Closes one part of the stack. */
export type Closer = () => Promise<void> | void;

/** Waits for a part to open and adds its `close` to `closers`. */
export const opened = async <T extends { close: () => Promise<void> }>(
  closers: Closer[],
  opening: Promise<T>,
): Promise<T> => {
  const part = await opening;
  closers.push(() => part.close());
  return part;
};

/** Closes all parts, the last one opened first. */
export const closeAll = async (closers: Closer[]): Promise<void> => {
  for (const close of closers.splice(0).reverse()) await close();
};
