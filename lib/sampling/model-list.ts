/** A model as its server lists it; `ownedBy` is often the server's own name, `shutdownDate` ISO 8601. */
export type ListedModel = { id: string; ownedBy: string | null; shutdownDate: string | null };

/**
 * The port of a server's own list of models. Throws `UpstreamError` or `ConfigurationError` when there is none to be
 * had; aborting `signal` rejects.
 */
export type ModelList = (signal: AbortSignal) => Promise<ListedModel[]>;
