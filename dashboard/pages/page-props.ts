/** The props of a page: the part of the address after its own name, and the query. */
export type PageProps = { rest: readonly string[]; query: URLSearchParams };
