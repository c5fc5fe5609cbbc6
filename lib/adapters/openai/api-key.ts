/** An API key, or where it is read; after `forget` the next `read` gives the one in force now, past any cache. */
export type ApiKey = string | { read(): Promise<string>; forget(): void };
