import { parseHTML } from 'linkedom';
import type { Comparison, ComparisonRequest, ExportRow } from '../../../../client/index.ts';
import { comparisonReport, type ReportInput } from '../../../../report/comparison-report.ts';
import type { ApiContext } from '../../../api-command.ts';
import { printableLine } from '../../../terminal/printable.ts';
import { bytesText } from '../../../terminal/units.ts';
import { writeWhole } from '../../../whole-file.ts';

type Context = Pick<ApiContext, 'client' | 'errors' | 'target' | 'signal'>;

/** Reads the answers of a comparison, and writes its report as one file. */
export const writeReport = async (
  path: string,
  comparison: Comparison,
  request: ComparisonRequest | undefined,
  { client, errors, target, signal }: Context,
): Promise<void> => {
  const rows: ExportRow[] = [];
  const query = { 'metadata.comparison': comparison.id, texts: true };
  for await (const row of client.runs.export(query, { signal })) rows.push(row);
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const text = await comparisonReport({
    comparison,
    rows,
    request,
    deployment: `${target.name}, ${target.api}`,
    document: document as unknown as ReportInput['document'],
  });
  const bytes = Buffer.from(text);
  await writeWhole(path, piecesOf(bytes), { signal });
  errors.entry('report', errors.good(printableLine(path)), bytesText(bytes.length));
};

async function* piecesOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
