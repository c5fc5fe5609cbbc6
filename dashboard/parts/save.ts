/** Longer than a browser takes to begin reading; it keeps the bytes alive until then. */
const KEPT_MS = 60_000;

/** Gives bytes that the page has made to the browser, to save under a name. */
export const saveFile = (bytes: Blob, name: string): void => {
  const url = URL.createObjectURL(bytes);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
};
