/** A browser that keeps nothing for a page (cookies are blocked) refuses the storage itself, not only its use. */
const orNothing = <T>(use: () => T): T | null => {
  try {
    return use();
  } catch {
    return null;
  }
};

/** Reads a text that was kept under a name; null where there is none. */
export const stored = (storage: 'localStorage' | 'sessionStorage', name: string): string | null =>
  orNothing(() => window[storage].getItem(name));

/** Keeps a text under a name, or nothing for null. Where the browser refuses, it holds until the page is left. */
export const store = (
  storage: 'localStorage' | 'sessionStorage',
  name: string,
  text: string | null,
): void => {
  orNothing(() => (text === null ? window[storage].removeItem(name) : window[storage].setItem(name, text)));
};
