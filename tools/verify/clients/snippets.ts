/** A program in a document, by the name that the mark before it gives. */
export type Snippet = { name: string; text: string };

const MARKED = /<!-- snippet: (\S+) -->\n```\w+\n(.*?)\n```/gs;
const ADDRESS = 'http://127.0.0.1:3000/v1';

/** The programs in a document that are marked by `<!-- snippet: NAME -->`, for the API at `baseUrl`. */
export const snippetsOf = (document: string, baseUrl: string): Snippet[] =>
  [...document.matchAll(MARKED)].map(([, name = '', text = '']) => ({
    name,
    text: `${text.replaceAll(ADDRESS, baseUrl)}\n`,
  }));
