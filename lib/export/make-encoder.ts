import type { Encoder, EncoderState } from './encoder.ts';
import { rowFormatOf } from './formats.ts';
import type { ExportFormat } from './job.ts';
import { makeParquetEncoder } from './parquet.ts';

/** The most characters of text that are held. */
const MOST_CHARS = 256 * 1024;
const NOTHING = new Uint8Array();

/** An encoder of a format for an object of such parts, which begins or goes on from a state. */
export const makeEncoder = (
  format: ExportFormat,
  metadataKeys: readonly string[],
  partBytes: number,
  from: { state: EncoderState } | undefined,
): Encoder =>
  format === 'parquet'
    ? makeParquetEncoder(metadataKeys, partBytes, from?.state ?? undefined)
    : makeTextEncoder(format, metadataKeys, partBytes, from === undefined);

const makeTextEncoder = (
  format: Exclude<ExportFormat, 'parquet'>,
  metadataKeys: readonly string[],
  partBytes: number,
  isNew: boolean,
): Encoder => {
  const { contentType, opening, render } = rowFormatOf(format, metadataKeys);
  let text = isNew ? opening : '';
  const take = ({ all } = { all: false }): Uint8Array => {
    if (!all && text.length < Math.min(MOST_CHARS, partBytes)) return NOTHING;
    const bytes = Buffer.from(text);
    text = '';
    return bytes;
  };
  return {
    contentType,
    add: (row) => {
      text += render(row);
    },
    take,
    end: () => take({ all: true }),
    state: () => null,
  };
};
