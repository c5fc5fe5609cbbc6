import type { Pinecone } from '@pinecone-database/pinecone';
import { UpstreamError } from '../../errors.ts';
import type { VectorList } from '../../operate/audit/ports.ts';
import { RETRY_LIMITS, retryUpstream } from '../upstream.ts';
import { makePineconeClient, type PineconeAccess, unwrapPineconeError } from './client.ts';

type Index = ReturnType<Pinecone['index']>;
type Page = { pagination?: { next: string } };

/**
 * What a serverless Pinecone index holds, by its own lists. An index that is not there holds nothing. Throws as the
 * vector index does.
 */
export const makePineconeVectorList = ({
  indexName,
  ...access
}: PineconeAccess & { indexName: string }): VectorList => {
  const client = makePineconeClient(access);
  let found: Promise<Index | undefined> | undefined;
  const open = (): Promise<Index | undefined> => {
    found ??= trying(() => client.indexes.describe(indexName)).then((index) =>
      index?.host ? client.index({ host: index.host }) : undefined,
    );
    return found;
  };
  const pagesOf = async function* <T extends Page>(list: (index: Index, next: object) => Promise<T>) {
    const index = await open();
    let next: string | undefined;
    while (index) {
      const token = next === undefined ? {} : { paginationToken: next };
      const page = await trying(() => list(index, token));
      if (page) yield page;
      next = page?.pagination?.next;
      if (!next) return;
    }
  };
  return {
    namespaces: async () => {
      const names: string[] = [];
      for await (const { namespaces = [] } of pagesOf((index, token) => index.listNamespaces(token))) {
        for (const { name } of namespaces) if (name !== undefined) names.push(name);
      }
      return names;
    },
    ids: async function* (namespace) {
      const pages = pagesOf((index, token) => index.listPaginated({ ...token, namespace }));
      for await (const { vectors = [] } of pages) {
        yield vectors.flatMap(({ id }) => (id === undefined ? [] : [id]));
      }
    },
  };
};

/** Tries again as every call to Pinecone does; undefined for what is not there. */
const trying = <T>(call: () => Promise<T>): Promise<T | undefined> =>
  retryUpstream(async () => {
    try {
      return await call();
    } catch (error) {
      const ours = unwrapPineconeError(error);
      if (ours instanceof UpstreamError && ours.status === 404) return undefined;
      throw ours;
    }
  }, RETRY_LIMITS);
