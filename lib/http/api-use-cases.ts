import { within } from '../async/within.ts';
import { type CreateBatchDeps, createBatch } from '../batches/create-batch.ts';
import { listBatches } from '../batches/list-batches.ts';
import { listStoredFiles } from '../batches/list-files.ts';
import { createInput, deleteStoredFile, findStoredFile } from '../batches/stored-files.ts';
import { findBatch, viewBatch } from '../batches/view-batch.ts';
import type { Budget } from '../budget/budget.ts';
import { readBudget } from '../budget/daily.ts';
import type { BudgetStore, SpendStore } from '../budget/ports.ts';
import { type CreateComparisonDeps, createComparison } from '../comparisons/create.ts';
import { type EstimateDeps, estimateComparison } from '../comparisons/estimate.ts';
import { listComparisons } from '../comparisons/list.ts';
import { findComparison, type ReadComparisonDeps, readComparison } from '../comparisons/read.ts';
import { type CreateEmbeddingsDeps, makeCreateEmbeddings } from '../embed/create-embeddings.ts';
import { type CreateExportDeps, createExport, deleteExport, findExport, viewExport } from '../export/job.ts';
import { deleteFile } from '../files/delete-file.ts';
import { type EstimateFileDeps, estimateFile } from '../files/estimate/estimate-file.ts';
import type { FileStore } from '../files/ports.ts';
import type { PromptFile } from '../files/prompt-file.ts';
import { retryFile } from '../files/retry-file.ts';
import { requestPartial, type StopFileDeps, stopFile } from '../files/stop-file.ts';
import { createUpload, type UploadDeps } from '../files/upload.ts';
import { findFile, viewFile } from '../files/view.ts';
import { type CancelDeps, cancelRun } from '../lifecycle/cancel.ts';
import { type DeleteDeps, deleteRun } from '../lifecycle/delete.ts';
import { knownCallers, type ListCallersDeps, listCallers } from '../operate/callers.ts';
import { type OperationsDeps, readOperations } from '../operate/operations.ts';
import { loadRunView, type ReadDeps, readGeneration, readTrace, readWhole } from '../runs/read-run.ts';
import { answerSearch } from '../search/answer.ts';
import { makeFindEarlierVectors } from '../search/earlier-vectors.ts';
import { makeLoggedSearch } from '../search/search-outputs.ts';
import { type ReadUsageDeps, readUsage } from '../usage/read.ts';
import type { Embedder, VectorIndex, VectorList } from '../vectors/ports.ts';
import type { ApiAppDeps } from './api-app.ts';
import { answerWithFile } from './files/routes.ts';

export type ApiUseCaseDeps = ReadDeps &
  DeleteDeps &
  CancelDeps &
  CreateComparisonDeps &
  ReadComparisonDeps &
  EstimateDeps &
  EstimateFileDeps &
  UploadDeps &
  CreateBatchDeps &
  ReadUsageDeps &
  StopFileDeps &
  CreateExportDeps &
  ListCallersDeps &
  OperationsDeps &
  Pick<CreateEmbeddingsDeps, 'embedder' | 'embeddingPriceOf'> & {
    files: FileStore;
    budget: Budget;
    budgets: BudgetStore;
    spend: SpendStore;
    embedder: Embedder;
    vectors: VectorIndex;
    vectorList: Pick<VectorList, 'ids'>;
    earlierNamespace: (caller: string) => string;
  };

/** How long a search waits for the news that outputs are not searched; without it the matches stand alone. */
const EARLIER_MS = 1_000;
const EARLIER_VECTORS =
  'outputs that an earlier version indexed are not searched; the operator moves them by: npx everytoken vectors move';

/** Binds the use cases of the API's routes to their ports, which may be AWS, the local stack or in memory. */
export const apiUseCases = (
  deps: ApiUseCaseDeps,
): Omit<ApiAppDeps, 'authenticate' | 'listModels' | 'health' | 'clock' | 'log'> => {
  const { runs, files, vectors, embedder, namespace } = deps;
  const { log, clock } = deps;
  const searchOutputs = makeLoggedSearch({
    embedder,
    index: vectors,
    getRun: runs.get,
    list: deps.list,
    namespace,
    budget: deps.budget,
    embeddingPriceOf: deps.embeddingPriceOf,
    log,
    clock,
  });
  const hasEarlierVectors = makeFindEarlierVectors({ ...deps, getRun: runs.get });
  const answerWith = async (file: PromptFile) => answerWithFile(await viewFile(file, deps), deps);
  return {
    readGeneration: (id, index, caller) => readGeneration(id, index, caller, deps),
    readTrace: (id, index, caller) => readTrace(id, index, caller, deps),
    readWhole: (id, caller) => readWhole(id, caller, deps),
    deleteRun: (id, caller) => deleteRun(id, caller, deps),
    cancelRun: async (id, caller) => loadRunView(await cancelRun(id, caller, deps), deps),
    search: async (query, caller) => {
      const [found, isPartial] = await Promise.all([
        searchOutputs(caller, query),
        within(EARLIER_MS, hasEarlierVectors(caller)),
      ]);
      return answerSearch(found.matches, [...found.warnings, ...(isPartial ? [EARLIER_VECTORS] : [])]);
    },
    embeddings: {
      create: makeCreateEmbeddings(deps),
      model: embedder.model,
      dimensions: embedder.dimensions,
    },
    usageKeys: deps.usageKeys,
    usage: async (query, caller) => {
      const named = caller ?? query.caller;
      const callers = named === null ? [...(await knownCallers(deps)).keys()] : [named];
      return {
        ...(await readUsage(query, callers, deps)),
        budget: named === null ? null : await readBudget(named, deps),
      };
    },
    operations: () => readOperations(deps),
    callers: (query) => listCallers(query, deps),
    comparisons: {
      create: (body, by) => createComparison(body, by, deps),
      estimate: (body, caller) => estimateComparison(body, caller, deps),
      list: (query) => listComparisons(query, deps),
      read: (id, caller) => readComparison(id, caller, deps),
      stop: async (id, caller) => {
        const own = await findComparison(id, caller, deps);
        await stopFile(own.id, 'cancelled', deps);
        return readComparison(id, caller, deps);
      },
      remove: async (id, caller) => {
        const own = await findComparison(id, caller, deps);
        await deleteFile(own.id, deps);
      },
    },
    exports: {
      create: async (body, caller) => viewExport(await createExport(body, caller, deps), deps),
      list: async (query) => {
        const page = await deps.exports.list(query);
        const views = await Promise.all(page.exports.map((job) => viewExport(job, deps)));
        return { exports: views, nextCursor: page.nextCursor };
      },
      read: async (id, caller) => viewExport(await findExport(id, caller, deps), deps),
      remove: async (id, caller) => deleteExport(await findExport(id, caller, deps), deps),
    },
    batchApi: {
      createFile: (file, caller) => createInput(file, caller, deps),
      listFiles: (query, caller) => listStoredFiles(query, caller, deps),
      readFile: (id, caller) => findStoredFile(id, caller, deps),
      removeFile: (id, caller) => deleteStoredFile(id, caller, deps),
      create: async (body, by) => {
        const { file, isReplay } = await createBatch(body, by, deps);
        return { batch: await viewBatch(file, deps), isReplay };
      },
      list: async (query, caller) => {
        const { batches, hasMore } = await listBatches(query, caller, deps);
        return { batches: await Promise.all(batches.map((file) => viewBatch(file, deps))), hasMore };
      },
      read: async (id, caller) => viewBatch(await findBatch(id, caller, deps), deps),
      cancel: async (id, caller) => {
        const own = await findBatch(id, caller, deps);
        return viewBatch(await stopFile(own.id, 'cancelled', deps), deps);
      },
    },
    files: {
      create: (body, by) => createUpload(body, by, deps),
      list: async (query) => {
        const page = await files.list(query);
        const views = await Promise.all(page.files.map((file) => viewFile(file, deps)));
        return { files: views, nextCursor: page.nextCursor };
      },
      estimate: (body, caller) => estimateFile(body, caller, deps),
      stop: async (id, caller) => {
        const own = await findFile(id, caller, deps);
        return answerWith(await stopFile(own.id, 'cancelled', deps));
      },
      remove: async (id, caller) => {
        const own = await findFile(id, caller, deps);
        await deleteFile(own.id, deps);
      },
      requestResults: async (id, caller) => {
        const file = await findFile(id, caller, deps);
        await requestPartial(file, deps);
        return answerWith(file);
      },
      retry: async (id, by) => {
        const { file, isReplay } = await retryFile(id, by, deps);
        return { file: await answerWith(file), isReplay };
      },
    },
  };
};
