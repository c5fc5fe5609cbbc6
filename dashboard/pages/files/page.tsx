import './page.css';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { ApiError } from '../../../client/index.ts';
import { hrefOf } from '../../address.ts';
import { everytokenBy } from '../../api.ts';
import { defaultsOf, NO_OPTIONS, type Options, overlaid } from '../../files/file-defaults.ts';
import { placesIn } from '../../files/run-fields.ts';
import { countText } from '../../files/words.ts';
import { wayOn } from '../../location.ts';
import type { PageProps } from '../page-props.ts';
import { type Draft, draftsOf, firstRowsOfDraft } from './draft.ts';
import { DraftCard, type Sending, type Verdict } from './draft-card.tsx';
import { DropZone } from './drop-zone.tsx';
import { FileList } from './list.tsx';
import { faultsByApi, OptionsForm } from './options.tsx';
import { putWithProgress } from './put-with-progress.ts';

/** Files of prompts: those that are being prepared here, and all that were uploaded. */
export const Page = ({ query }: PageProps) => {
  const [drafts, setDrafts] = useState<Draft[]>([]);
  const [turn, setTurn] = useState(0);
  const latest = useRef(drafts);
  latest.current = drafts;
  const add = async (files: File[]): Promise<void> => setDrafts(await draftsOf(files, latest.current));
  const remove = (ids: readonly number[]): void =>
    setDrafts((all) => all.filter(({ id }) => !ids.includes(id)));
  return (
    <>
      <header>
        <h1>Files</h1>
      </header>
      <DropZone onFiles={add} />
      {drafts.length > 0 && (
        <Prepared drafts={drafts} onRemove={remove} onUploaded={() => setTurn((before) => before + 1)} />
      )}
      <FileList query={query} turn={turn} />
    </>
  );
};

/** An upload of 1 GiB over a slow line. */
const UPLOAD_MS = 86_400_000;

const Prepared = ({
  drafts,
  onRemove,
  onUploaded,
}: {
  drafts: readonly Draft[];
  onRemove: (ids: readonly number[]) => void;
  onUploaded: () => void;
}) => {
  const [options, setOptions] = useState<Options>(NO_OPTIONS);
  const [verdicts, setVerdicts] = useState<ReadonlyMap<number, Verdict>>(new Map());
  const [sendings, setSendings] = useState<ReadonlyMap<number, Sending>>(new Map());
  const [isSending, setSending] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const { fields, faults } = defaultsOf(options);
  const asked = useMemo(() => placesIn(options.template), [options.template]);
  const variables = [...new Set(drafts.flatMap((draft) => firstRowsOfDraft(draft, asked)?.variables ?? []))];
  const refusals = [...verdicts.values()].flatMap(({ error }) =>
    error instanceof ApiError ? error.errors : [],
  );
  const ready = drafts.filter(({ id }) => verdicts.get(id)?.canGenerate);
  // A click in between would leave out the files whose estimate is on its way.
  const isPending = drafts.some(
    ({ id, refused }) => refused === undefined && verdicts.get(id)?.isPending !== false,
  );
  const rows = ready.reduce((sum, { id }) => sum + (verdicts.get(id)?.toGenerate ?? 0), 0);
  const note = (id: number, sending: Sending): void =>
    setSendings((before) => new Map(before).set(id, sending));

  const upload = async (draft: Draft): Promise<string | undefined> => {
    note(draft.id, { sent: 0 });
    const client = everytokenBy((usual) => putWithProgress(usual, (sent) => note(draft.id, { sent })));
    const input = { filename: draft.name, defaults: overlaid(draft.beside ?? {}, fields) };
    try {
      const { id } = await client.files.upload(draft.file, input, { timeoutMs: UPLOAD_MS });
      return id;
    } catch (error) {
      note(draft.id, { error });
      return undefined;
    }
  };
  const generate = async (): Promise<void> => {
    setSending(true);
    const go = wayOn();
    const ids: string[] = [];
    // One after the other: a line is shared by all that are sent at once.
    for (const draft of ready) {
      const id = await upload(draft);
      if (id === undefined) continue;
      ids.push(id);
      onRemove([draft.id]);
      onUploaded();
    }
    setSending(false);
    const [only] = ids;
    if (only !== undefined && ids.length === 1 && drafts.length === 1) go(hrefOf(['files', only]));
  };

  return (
    <section class="prepared" aria-label="Chosen files">
      <h2 ref={heading} tabIndex={-1}>
        {countText(drafts.length, 'file')} to generate
      </h2>
      {drafts.some(({ refused }) => refused === undefined) && (
        <OptionsForm
          options={options}
          faults={new Map([...faultsByApi(refusals), ...faults])}
          variables={variables}
          onChange={setOptions}
        />
      )}
      <ul class="drafts">
        {drafts.map((draft) => (
          <DraftCard
            key={draft.id}
            draft={draft}
            defaults={overlaid(draft.beside ?? {}, fields)}
            variables={asked}
            sending={sendings.get(draft.id)}
            onVerdict={(verdict) => setVerdicts((before) => new Map(before).set(draft.id, verdict))}
            onRemove={() => onRemove([draft.id])}
          />
        ))}
      </ul>
      <div class="row actions">
        <button
          type="button"
          class="button primary"
          disabled={isSending || isPending || faults.size > 0 || ready.length === 0}
          onClick={generate}
        >
          {isSending ? 'Uploading' : `${options.dry_run ? 'Check' : 'Generate'} ${countText(rows, 'row')}`}
        </button>
        <button
          type="button"
          class="button"
          disabled={isSending}
          onClick={() => onRemove(drafts.map(({ id }) => id))}
        >
          Discard
        </button>
        <span class="muted small" role="status">
          {ready.length < drafts.length &&
            ready.length > 0 &&
            `${ready.length} of ${countText(drafts.length, 'file')} can be generated`}
        </span>
      </div>
    </section>
  );
};
