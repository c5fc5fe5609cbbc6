import type { ExportJob } from '../../lib/export/job.ts';

let made = 0;

/** A queued export with an id of its own, asked for so many minutes before 2026-11-22T13:00:00Z. */
export const makeExportJob = (own: Partial<ExportJob> = {}, minutes = 0): ExportJob => {
  made += 1;
  return {
    id: `export_${String(made).padStart(26, '0')}`,
    caller: 'docs',
    status: 'queued',
    createdAt: new Date(Date.UTC(2026, 10, 22, 13) - minutes * 60_000).toISOString(),
    format: 'jsonl',
    query: { caller: own.caller ?? 'docs', texts: false, metadataColumns: [], metadata: { team: 'docs' } },
    rows: 0,
    bytes: 0,
    endedAt: null,
    error: null,
    lease: null,
    attempts: 0,
    dueAt: Date.UTC(2026, 10, 22, 13, 1),
    dueTries: 0,
    expiresAt: Date.UTC(2026, 10, 30, 13),
    ...own,
  };
};
