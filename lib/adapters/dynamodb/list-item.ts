import { STAGES, stageOf } from '../../runs/list/entry.ts';
import type { ListedChange, ListedRun } from '../../runs/ports.ts';
import { DAY_SECONDS, ttlSeconds } from './expiry.ts';
import { type CompactPart, compactPart, partOf } from './part-item.ts';

type Item = Record<string, unknown>;

/** Usage of deleted runs is kept as long as it can be asked for by the hour. */
const KEEP_DELETED_DAYS = 400;
/** A crash or a race can leave an open entry without a run. That of a run which takes longer is made anew at its end. */
const KEEP_OPEN_DAYS = 30;

/** The attributes of an entry, without its keys; null removes one, undefined leaves it. */
export const listAttributes = (entry: ListedChange): Item => ({
  stage: stageOf(entry),
  status: entry.status,
  model: entry.model || null,
  store: entry.store ? null : false,
  metadata: Object.keys(entry.metadata).length === 0 ? null : entry.metadata,
  conversation: entry.conversation,
  previous_run: entry.previousRun,
  file: entry.file,
  error: entry.error,
  parts: entry.parts.map(compactPart),
  failed: entry.hasFailed ?? null,
  recount: entry.recount ?? null,
  prompt_preview: entry.promptPreview,
  text_preview: entry.textPreview,
  expires_at: expiryOf(entry),
});

/** When DynamoDB's TTL may delete an entry, in seconds since the epoch; null: never. */
const expiryOf = (entry: ListedChange): number | null => {
  const stage = stageOf(entry);
  if (stage === STAGES.ended) return null;
  const days = stage === STAGES.open ? KEEP_OPEN_DAYS : KEEP_DELETED_DAYS;
  return ttlSeconds(Date.parse(entry.createdAt)) + days * DAY_SECONDS;
};

/** `caller` and `position` come from the item's keys. */
export const listedOfItem = (item: Item): ListedRun => {
  const [, caller = ''] = /^LIST#(.*)#\d+$/s.exec(item.pk as string) ?? [];
  const [createdAt = '', id = ''] = (item.sk as string).split('#');
  return {
    id,
    caller,
    createdAt,
    status: item.status as ListedRun['status'],
    model: (item.model as string | undefined) ?? '',
    store: (item.store as boolean | undefined) ?? true,
    metadata: (item.metadata as Record<string, string> | undefined) ?? {},
    conversation: (item.conversation as string | undefined) ?? null,
    previousRun: (item.previous_run as string | undefined) ?? null,
    file: (item.file as ListedRun['file'] | undefined) ?? null,
    error: (item.error as ListedRun['error'] | undefined) ?? null,
    parts: ((item.parts as CompactPart[] | undefined) ?? []).map(partOf),
    ...(item.failed === true && { hasFailed: true }),
    ...(item.recount === true && { recount: true }),
    promptPreview: (item.prompt_preview as string | undefined) ?? null,
    textPreview: (item.text_preview as string | undefined) ?? null,
  };
};
