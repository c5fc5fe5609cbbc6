import { noCounts } from '../../lib/files/counts.ts';
import { type Block, newFile, type PromptFile } from '../../lib/files/prompt-file.ts';

/** A file as created by intake, before it is read. */
export const makePromptFile = (own: Partial<PromptFile> = {}): PromptFile =>
  newFile({
    id: 'file_00000000000000000000000001',
    caller: 'files',
    key: 'prompts/questions.json',
    etag: '0123456789abcdef0123456789abcdef',
    sequencer: '0055AED6DCD90281E5',
    size: 120,
    createdAt: '2026-11-22T13:00:00.000Z',
    dueAt: Date.UTC(2026, 10, 22, 13, 10),
    ...own,
  });

export const makeBlock = (own: Partial<Block> = {}): Block => ({
  fileId: 'file_00000000000000000000000001',
  number: 0,
  firstLine: 1,
  lastLine: 3,
  lines: 3,
  delaySeconds: 0,
  sent: own.lines ?? 3,
  done: [],
  skipped: [],
  errors: {},
  answers: {},
  failed: {},
  counts: noCounts(),
  dueAt: Date.UTC(2026, 10, 22, 13, 10),
  dueTries: 0,
  ...own,
});
