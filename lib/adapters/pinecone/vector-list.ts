import type { Pinecone } from '@pinecone-database/pinecone';
import { UpstreamError } from '../../errors.ts';
import type { VectorList } from '../../vectors/ports.ts';
import { RETRY_LIMITS, retryUpstream } from '../upstream.ts';
import { makePineconeClient, type PineconeAccess, unwrapPineconeError } from './client.ts';

type Index = ReturnType<Pinecone['index']>;
type Page = { pagination?: { next: string } };

/**
 * Lists the namespaces and ids of a serverless Pinecone index; an absent index has none. Throws the same errors as
 * `makePineconeIndex`.
 */
export const makePineconeVectorList = ({
  indexName,
  ...access
}: PineconeAccess & { indexName: string }): VectorList => {
  const client = makePineconeClient(access);
  let known: Index | undefined;
  /** Only an index that was found is remembered: another call may come after it was created, or after an outage. */
  const open = async (): Promise<Index | undefined> => {
    if (known) return known;
    const found = await retried(() => client.indexes.describe(indexName));
    known = found?.host ? client.index({ host: found.host }) : undefined;
    return known;
  };
  const pagesOf = async function* <T extends Page>(list: (index: Index, next: object) => Promise<T>) {
    const index = await open();
    let next: string | undefined;
    while (index) {
      const token = next === undefined ? {} : { paginationToken: next };
      const page = await retried(() => list(index, token));
      if (page) yield page;
      next = page?.pagination?.next;
      if (!next) return;
    }
  };
  return {
    namespaces: async () => {
      const found: { name: string; vectors: number }[] = [];
      for await (const { namespaces = [] } of pagesOf((index, token) => index.listNamespaces(token))) {
        for (const { name, recordCount } of namespaces)
          if (name !== undefined) found.push({ name, vectors: Number(recordCount ?? 0) });
      }
      return found;
    },
    ids: async function* (namespace) {
      const pages = pagesOf((index, token) => index.listPaginated({ ...token, namespace }));
      for await (const { vectors = [] } of pages) {
        yield vectors.flatMap(({ id }) => (id === undefined ? [] : [id]));
      }
    },
  };
};

/** Calls Pinecone with the usual retries; undefined when it answers 404. */
const retried = <T>(call: () => Promise<T>): Promise<T | undefined> =>
  retryUpstream(async () => {
    try {
      return await call();
    } catch (error) {
      const ours = unwrapPineconeError(error);
      if (ours instanceof UpstreamError && ours.status === 404) return undefined;
      throw ours;
    }
  }, RETRY_LIMITS);
