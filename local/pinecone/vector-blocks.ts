import { makeProductModule } from './product-module.ts';
import { dot } from './similarity.ts';

/** Memory of an index's vectors. Its rows are never written again, so a scan reads them while others are added. */
export type VectorBlocks = {
  /** Rows taken so far; those of replaced and deleted records are not given back. */
  rows(): number;
  /** The same values in a row of a block. Values that are in one already are returned as they are. */
  keep(values: Float32Array): Float32Array;
};

/** A block begins with room for a query, as 64-bit floats; rows of 32-bit floats follow, padded with zeros. */
type Block = {
  buffer: ArrayBuffer;
  query: Float64Array;
  /** The query that is in its place now. */
  holds: Float32Array | undefined;
  product(row: number, end: number, query: number): number;
};

/** The floats that one step of the module reads. */
const STEP = 8;
const FLOAT_BYTES = 4;
const DOUBLE_BYTES = 8;
const PAGE_BYTES = 65_536;
const FIRST_BLOCK_BYTES = 256 * 1024;
const LARGEST_BLOCK_BYTES = 64 * 1024 * 1024;

const wholeSteps = (length: number): number => Math.max(1, Math.ceil(length / STEP)) * STEP;

/** Blocks by their memory, so that a vector alone tells where it is. */
const blockOf = new WeakMap<ArrayBufferLike, Block>();
let module: WebAssembly.Module | undefined;

const makeBlock = (stride: number, rows: number): Block => {
  module ??= makeProductModule();
  const bytes = stride * (DOUBLE_BYTES + rows * FLOAT_BYTES);
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
  const { exports } = new WebAssembly.Instance(module, { js: { memory } });
  const block: Block = {
    buffer: memory.buffer,
    query: new Float64Array(memory.buffer, 0, stride),
    holds: undefined,
    product: exports.product as Block['product'],
  };
  blockOf.set(memory.buffer, block);
  return block;
};

/** Makes memory for vectors of `dimension` values. Blocks grow with the number of vectors, up to 64 MB each. */
export const makeVectorBlocks = (dimension: number): VectorBlocks => {
  const stride = wholeSteps(dimension);
  const rowBytes = stride * FLOAT_BYTES;
  let blockBytes = FIRST_BLOCK_BYTES;
  let block: Block | undefined;
  let free = 0;
  let next = 0;
  let rows = 0;
  return {
    rows: () => rows,
    keep: (values) => {
      if (blockOf.has(values.buffer)) return values;
      if (block === undefined || free === 0) {
        free = Math.max(1, Math.floor(blockBytes / rowBytes));
        block = makeBlock(stride, free);
        next = stride * DOUBLE_BYTES;
        blockBytes = Math.min(LARGEST_BLOCK_BYTES, blockBytes * 2);
      }
      const kept = new Float32Array(block.buffer, next, dimension);
      kept.set(values);
      next += rowBytes;
      free -= 1;
      rows += 1;
      return kept;
    },
  };
};

/**
 * The dot product with `query`, in double precision: of a vector in a block by its module, of any other in JavaScript.
 * Stops where the query has nothing but zeros left, as the vectors of the local encoder have.
 */
export const makeProduct = (query: Float32Array): ((values: Float32Array) => number) => {
  const bytes = wholeSteps(query.findLastIndex((value) => value !== 0) + 1) * FLOAT_BYTES;
  let block: Block | undefined;
  return (values) => {
    if (values.buffer !== block?.buffer) block = blockOf.get(values.buffer);
    if (block === undefined) return dot(query, values);
    // Another scan may have put its query there meanwhile.
    if (block.holds !== query) {
      block.query.set(query);
      block.holds = query;
    }
    return block.product(values.byteOffset, values.byteOffset + bytes, 0);
  };
};
