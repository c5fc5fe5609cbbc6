import type { Clock } from '../../async/clock.ts';
import type { Presign } from '../../files/create-upload.ts';
import { formatOfKey } from '../../files/formats/format-of-key.ts';
import type { FileView } from '../../files/view.ts';

/** URLs of a file's results, for a while. */
export type FileDownloads = {
  expires_at: string;
  jsonl?: string;
  csv?: string;
  txt?: string;
  summary?: string;
  partial?: string;
};

export type FileAnswer = FileView & { downloads: FileDownloads | null };

const SECONDS = 3_600;

/** A file as GET /files/{id} answers with it: with URLs of its results once it has ended, of partial ones before. */
export const answerWithFile = async (
  view: FileView,
  { presign, clock }: { presign: Presign; clock: Pick<Clock, 'now'> },
): Promise<FileAnswer> => ({ ...view, downloads: await downloadsOf(view, presign, clock.now()) });

const downloadsOf = async (
  { status, key, results }: FileView,
  presign: Presign,
  now: number,
): Promise<FileDownloads | null> => {
  if (status === 'awaiting_upload' || status === 'reading' || status === 'cancelled') return null;
  const expires_at = new Date(now + SECONDS * 1_000).toISOString();
  const url = (of: string) => presign.get(of, SECONDS);
  if (status === 'generating') return { expires_at, partial: await url(results.partial) };
  const format = formatOfKey(key);
  const beside = results.jsonl.slice(0, -'.jsonl'.length);
  return {
    expires_at,
    jsonl: await url(results.jsonl),
    summary: await url(results.summary),
    ...(format === 'csv' && { csv: await url(`${beside}.csv`) }),
    ...(format === 'text' && { txt: await url(`${beside}.txt`) }),
  };
};
