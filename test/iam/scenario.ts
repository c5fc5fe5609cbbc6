import type { ExportView } from '../../lib/export/job.ts';
import type { FileAnswer } from '../../lib/http/files/routes.ts';
import type { RunSummaryView } from '../../lib/runs/view.ts';
import type { Actors } from './actors.ts';
import type { MoodyModel } from './moody-model.ts';

// Every reason for a function to call AWS occurs here once. A grant that the table shows as not needed is either
// superfluous or needs a line here.

const fast = { max_tokens: 6, extra_body: { pace: 0 } };
const unindexed = { ...fast, index: false };
/** A prompt too long for the table, so that the request is saved in the bucket. */
const long = 'Explain vector databases in a technical manner. '.repeat(30);
const lines = (rows: object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** Runs, as callers request them. */
export const askForRuns = async (actors: Actors): Promise<void> => {
  const { api, completed, fileEnded, putStreamBlock, removeObject, until, upload, withKeyAndBudget } = actors;
  const once = { 'idempotency-key': 'once' };
  const said = [{ role: 'user', content: 'Explain queues.' }];
  const { body: whole } = await api.run({ messages: said, ...fast });
  const answer = { role: 'assistant', content: whole.generations[0]?.text ?? '' };
  for (const background of [false, true])
    await api.run({ messages: [...said, answer, ...said], ...unindexed, background });
  const { body: kept } = await api.run({ prompt: long, ...fast }, once);
  const { body: later } = await api.run({ prompt: long, ...fast, background: true });
  await (await api.send('/runs', { prompt: long, ...unindexed, stream: true })).text();
  await api.run({ prompt: long, ...fast }, once);
  await api.send('/v1/chat/completions', {
    messages: [{ role: 'user', content: 'Explain APIs.' }],
    max_tokens: 6,
  });
  for (const background of [false, true])
    await api.run({ prompt: 'Explain forgetting.', ...fast, store: false, background });
  await api.run({ prompt: 'Explain errors.', model: 'absent' });
  await api.run({ prompt: 'Explain errors.', model: 'absent', background: true });
  await api.run({ prompt: 'Explain providers.', model: 'moody/m', ...unindexed });
  for (const { id } of [whole, kept, later]) await completed(id);

  const budgeted = await withKeyAndBudget('team');
  const { status, body: indexed } = await budgeted.run({ prompt: 'Explain budgets.', ...fast });
  if (status !== 201) throw new Error(`a caller with a key and a budget was answered ${status}`);
  const statusOf = async (id: string) => (await budgeted.get<{ status: string }>(`/runs/${id}`)).body.status;
  await until('its run is indexed', async () => (await statusOf(indexed.id)) === 'completed');
  await budgeted.search('budgets');
  await budgeted.usage();
  const counted = lines([{ prompt: 'Explain budgets.', ...unindexed }]);
  await fileEnded(await upload('counted.jsonl', counted, {}, budgeted), budgeted);

  await until('all parts are up', async () => (await api.call('/health')).status === 200);
  await api.list('?limit=10');
  await (await api.call('/runs?format=jsonl')).text();
  await api.trace(later.id);
  await api.usage();
  await api.get('/models');
  await api.search('queues');
  await putStreamBlock(whole.id);
  await api.remove(whole.id);
  // A request that does not exist any more is distinguished from one that may not be read.
  await removeObject(`requests/${kept.id}.json`);
  await api.run({ prompt: long, ...fast }, once);
  await api.get(`/runs/${kept.id}`);
};

/** Prompt files dropped into the bucket or uploaded, up to their results; comparisons are files too. */
export const bringFiles = async (actors: Actors): Promise<void> => {
  const { api, completed, put, upload, fileAt, fileEnded, leave, send, sweep, until } = actors;
  const key = 'prompts/@local/iam/two.jsonl';
  await put(`${key}.defaults.json`, JSON.stringify(fast));
  await put(key, lines([{ prompt: 'Explain one.' }, { prompt: long }]));
  const first = await fileAt(key);
  await fileEnded(first);
  await (await api.send('/files/estimate', { key })).json();
  await put(key, lines([{ prompt: 'Explain one.' }, { prompt: 'Explain two.', max_tokens: 0 }]));
  const corrected = await fileAt(key, first);
  const { downloads } = await fileEnded(corrected);
  await (await fetch(downloads?.jsonl ?? '')).text();
  // Stopping an ended file does nothing but answer with its results.
  const stopped = (await (await api.call(`/files/${corrected}`, { method: 'DELETE' })).json()) as FileAnswer;
  await (await fetch(stopped.downloads?.jsonl ?? '')).text();
  const { id: retried } = (await (await api.send(`/files/${corrected}/retry`, {})).json()) as { id: string };
  await fileEnded(retried);

  const limited = { ...unindexed, max_cost_usd: 1 };
  await fileEnded(await upload('lines.txt', 'Explain a line.\nExplain another.', limited));
  // Lines that share a long template, which is read again when their runs are embedded.
  const shared = { prompt: `${long}{{topic}}`, ...fast };
  await fileEnded(await upload('shared.csv', 'topic\nqueues\nevents', shared));
  // It has no answer, so one that an earlier version had would be removed.
  await fileEnded(await upload('blank.txt', '\n'));
  // Results of more than 5 MiB are uploaded in parts.
  const rows = Array.from({ length: 130 }, (_, at) => `${at},${'x'.repeat(50_000)}`);
  const dry = { prompt: 'Explain {{topic}}.', dry_run: true };
  await fileEnded(await upload('large.csv', ['topic,text', ...rows].join('\n'), dry));

  const waits = { prompt: 'Explain batches.', max_tokens: 6 };
  const batch = await upload('batch.jsonl', lines([waits]), { mode: 'batch', index: false });
  await until('the batch is answered', async () => {
    await sweep({ reconcile: 'all' }); // would be requested within minutes
    return (await api.get<{ ended_at: string | null }>(`/files/${batch}`)).body.ended_at !== null;
  });

  const asked = [{ prompt: 'Explain deletion.' }, { prompt: `${long}at length` }];
  await put('prompts/@local/iam/gone.jsonl.defaults.json', JSON.stringify(fast));
  await put('prompts/@local/iam/gone.jsonl', lines(asked));
  const dropped = await fileAt('prompts/@local/iam/gone.jsonl');
  await fileEnded(dropped);
  for (const id of [dropped, batch]) {
    await api.call(`/files/${id}?purge=true`, { method: 'DELETE' });
    await actors.purged(id);
  }
  // A worker made this run just after the purge had looked for the runs of its file, and crashed.
  const { id: late } = (await api.run({ prompt: 'Explain crashes.', ...fast })).body;
  await completed(late);
  const file = { fileId: dropped, block: 0, line: 0 };
  await leave(late, { status: 'generating', lease_token: 'lost', lease_until: 1, file });
  await send('JobsQueue', { type: 'run', run_id: late });
  await until('a worker deletes it', async () => (await api.call(`/runs/${late}`)).status === 410);

  // Two samples of each setting, so that its answer needs their vectors.
  const settings = [{ label: 'a' }, { label: 'b' }];
  const compared = { prompts: ['Explain ties.'], settings, samples: 2, max_tokens: 6 };
  const { id } = (await (await api.send('/comparisons', compared)).json()) as { id: string };
  const read = async () => (await api.get<{ status: string }>(`/comparisons/${id}`)).body.status;
  const listed = async () =>
    (await api.get<{ data: { status: string }[] }>('/comparisons')).body.data[0]?.status;
  await until('the comparison is made', async () => (await listed()) === 'completed');
  await until('its answer is read', async () => (await read()) === 'completed');
  await read();
};

/** Batches of OpenAI's API: one as a client makes it, one whose maker crashed before it had copied the input. */
export const makeBatches = async ({ api, leaveBatch, sweep, fileEnded }: Actors): Promise<void> => {
  const body = {
    messages: [{ role: 'user', content: 'Explain batches.' }],
    model: 'everytoken-ngram',
    max_tokens: 6,
  };
  const line = { custom_id: 'a', method: 'POST', url: '/v1/chat/completions', body };
  const form = new FormData();
  form.append('purpose', 'batch');
  form.append('file', new File([lines([line])], 'lines.jsonl'));
  const { id: input } = (await (await api.call('/v1/files', { method: 'POST', body: form })).json()) as {
    id: string;
  };
  const asked = { input_file_id: input, endpoint: line.url, completion_window: '24h' };
  const { id } = (await (await api.send('/v1/batches', asked)).json()) as { id: string };
  await fileEnded(id.replace('batch_', 'file_'));
  await (await api.call(`/v1/files/${input}/content`)).text();
  const { output_file_id } = (await api.get<{ output_file_id: string }>(`/v1/batches/${id}`)).body;
  await (await api.call(`/v1/files/${output_file_id}/content`)).text();
  await api.call(`/v1/files/${output_file_id}`, { method: 'DELETE' });
  // Its retry copies the answer.
  const embedded = { ...line, url: '/v1/embeddings', body: { model: 'everytoken-use', input: 'Queues.' } };
  const vectors = new FormData();
  vectors.append('purpose', 'batch');
  vectors.append('file', new File([lines([embedded])], 'texts.jsonl'));
  const texts = (await (await api.call('/v1/files', { method: 'POST', body: vectors })).json()) as {
    id: string;
  };
  const ofTexts = { input_file_id: texts.id, endpoint: embedded.url, completion_window: '24h' };
  const first = (await (await api.send('/v1/batches', ofTexts)).json()) as { id: string };
  const file = first.id.replace('batch_', 'file_');
  await fileEnded(file);
  const again = (await (await api.send(`/files/${file}/retry`, {})).json()) as { id: string };
  await fileEnded(again.id);
  const left = await leaveBatch(input, 'lines.jsonl');
  await sweep();
  await fileEnded(left);
  await api.call(`/v1/files/${input}`, { method: 'DELETE' });
};

/** Runs written into an object, by a worker whose message is lost the first time. */
export const exportRuns = async ({ api, leaveExport, sweep, until }: Actors): Promise<void> => {
  const { id } = (await (await api.send('/exports', { format: 'jsonl' })).json()) as { id: string };
  const read = async () => (await api.get<ExportView>(`/exports/${id}`)).body;
  const completed = () => until('the export is completed', async () => (await read()).download?.url);
  await completed();
  await leaveExport(id);
  await sweep();
  await (await fetch(await completed())).text();
  await api.get('/exports');
  await api.call(`/exports/${id}`, { method: 'DELETE' });
};

/** Work that is throttled by its provider, cancelled, stopped, or loses its worker, and then continues or ends. */
export const interrupt = async (actors: Actors, moody: MoodyModel): Promise<void> => {
  const { api, completed, upload, fileEnded, leave, objects, sweep, delayed, until } = actors;
  const ask = async (prompt: string, more: object = {}) =>
    (await api.run({ prompt, model: 'moody/m', ...unindexed, background: true, ...more })).body.id;

  const line = (prompt: string) => ({ prompt, model: 'moody/m', ...unindexed });
  const reserved = { day: '2026-11-22', tokens: 100, nanoUsd: 0 };
  const throttled = await ask(`LATER ${long}`);
  await until('a throttled run is put back', async () => (await delayed('JobsQueue')) > 0);
  await leave(throttled, { reserved });
  await api.call(`/runs/${throttled}/cancel`, { method: 'POST' });
  const unbegun = await upload('later.json', JSON.stringify([line('LATER, too')]));
  await until('a throttled line is put back', async () => (await delayed('JobsQueue')) > 1);
  const { data: held } = (await api.get<{ data: RunSummaryView[] }>(`/runs?file=${unbegun}`)).body;
  await leave(held[0]?.id ?? '', { reserved });
  await api.call(`/files/${unbegun}`, { method: 'DELETE' });
  await fileEnded(unbegun);

  const lost = await ask('Explain lost workers.', {
    settings: [{ label: 'saved' }, { label: 'stuck', stop: ['WAIT'] }],
  });
  const unwanted = await ask('WAIT to be cancelled');
  const file = await upload('slow.json', JSON.stringify([line('WAIT one'), line('WAIT two')]));
  await until('four workers wait', () => moody.waiting() === 4);
  await api.send(`/files/${file}/results`, {});
  await api.call(`/runs/${unwanted}/cancel`, { method: 'POST' });
  const { data } = (await api.get<{ data: RunSummaryView[] }>(`/runs?file=${file}`)).body;
  await api.call(`/runs/${data[0]?.id}/cancel`, { method: 'POST' });

  await until('one of its outputs is saved', async () => (await objects(`outputs/${lost}/`)) === 1);
  await leave(lost, { lease_until: 1 });
  await sweep({ reconcile: 'all' });
  await until('another worker has taken the run over', () => moody.waiting() === 5);
  await api.call(`/files/${file}`, { method: 'DELETE' });
  moody.stopWaiting();
  await completed(lost);
  await fileEnded(file);
};

/** State left by a crash or the passing of time, which sweep and embed clean up. */
export const cleanUp = async (actors: Actors): Promise<void> => {
  const { api, completed, leave, objects, putStreamBlock, send, sweep, until } = actors;
  const ask = async () => {
    const messages = [{ role: 'user', content: 'Explain time.' }];
    const { id } = (await api.run({ messages, ...fast })).body;
    await completed(id);
    return id;
  };
  const [untold, halfDeleted, old] = [await ask(), await ask(), await ask()];
  await putStreamBlock(halfDeleted);
  await putStreamBlock(old);
  await leave(untold, { pending: 'RunCompleted' }); // committed, and the event was not sent
  await leave(old, { created_at: '2026-01-01T00:00:00.000Z' });
  await sweep();
  await until('what is old is deleted', async () => (await api.call(`/runs/${old}`)).status === 410);

  await leave(halfDeleted, { status: 'deleted', request: null, due_at: Date.now() + 3_600_000 }); // not purged
  const detail = { schema_version: 1, run_id: halfDeleted, outputs: [] };
  await send('EmbedQueue', { source: 'everytoken', 'detail-type': 'RunGenerated', detail });
  await until('embed has purged it', async () => (await objects(`outputs/${halfDeleted}/`)) === 0);
};

/** Usage of more names than one item holds: it is summed twice, and read. */
export const sumUsage = async ({ api, completed, summed, withOperatorsKey }: Actors): Promise<void> => {
  for (const name of ['one', 'two']) {
    const settings = Array.from({ length: 60 }, (_, at) => ({ label: `${name} ${at} ${'x'.repeat(80)}` }));
    const { id } = (await api.run({ prompt: 'Explain sums.', ...fast, max_tokens: 1, settings })).body;
    await completed(id);
  }
  await summed('local');
  // All of today, which is a day that is summed now.
  await api.get(`/usage?until=${new Date().toISOString().slice(0, 10)}`);
  await summed('local');
  const operator = await withOperatorsKey();
  for (const path of ['/operations', '/callers']) {
    const { status, body } = await operator.get<{ errors?: unknown[] }>(path);
    if (status !== 200 || (body.errors ?? []).length > 0)
      throw new Error(`${path} answered an operator ${status} ${JSON.stringify(body)}`);
  }
};
