import { type Beginning, beginningOf } from '../../files/beginning.ts';
import { sidecarFields } from '../../files/file-defaults.ts';
import { type FirstRows, firstRowsOf } from '../../files/first-rows.ts';
import { type Format, recognise } from '../../files/formats.ts';

/** A file that was chosen and is not uploaded yet. Nothing of it was sent. */
export type Draft = {
  id: number;
  name: string;
  size: number;
  file: File;
  /** Why it cannot be uploaded, and what to do. */
  refused?: string;
  format?: Format;
  /** Its beginning: what is shown and estimated. */
  text: string;
  isWhole: boolean;
  /** Fields of the `.defaults.json` that was chosen with it. */
  beside?: { [name: string]: unknown };
};

/** Larger files are read from their beginning; a list in JSON is read whole. */
const MAX_WHOLE = 768 * 1024;
const BEGINNING = 256 * 1024;
/** Characters in which the first rows are looked for, at each change of the template. */
const HEAD = 48 * 1024;

let drafts = 0;

/** Reads what was chosen. Each `.defaults.json` goes with the file beside it, among these or `earlier` ones. */
export const draftsOf = async (files: readonly File[], earlier: readonly Draft[]): Promise<Draft[]> => {
  const recognised = files.map((file) => ({ file, what: recognise(file) }));
  const sidecars = await Promise.all(
    recognised.flatMap(({ file, what }) =>
      'defaultsOf' in what
        ? [file.text().then((text) => ({ file, of: what.defaultsOf, fields: sidecarFields(text) }))]
        : [],
    ),
  );
  const fresh = await Promise.all(
    recognised.flatMap(({ file, what }) => ('defaultsOf' in what ? [] : [draftOf(file, what)])),
  );
  const names = new Set([...earlier, ...fresh].map(({ name }) => name));
  const lost = sidecars.flatMap(({ file, of, fields }) => {
    if (fields === undefined)
      return [refusedDraft(file, 'It takes a JSON object, such as {"max_tokens": 60}.')];
    return names.has(of) ? [] : [refusedDraft(file, `It holds defaults for ${of}: choose both together.`)];
  });
  const besides = new Map(sidecars.map(({ of, fields }) => [of, fields]));
  const kept = earlier.filter(({ name }) => !fresh.some((draft) => draft.name === name));
  return [...kept, ...fresh, ...lost].map((draft) => {
    const beside = besides.get(draft.name);
    return beside === undefined ? draft : { ...draft, beside };
  });
};

const refusedDraft = (file: File, refused: string): Draft => ({
  id: ++drafts,
  name: file.name,
  size: file.size,
  file,
  refused,
  text: '',
  isWhole: true,
});

const draftOf = async (file: File, what: { format: Format } | { refused: string }): Promise<Draft> => {
  if ('refused' in what) return refusedDraft(file, what.refused);
  const { format } = what;
  const isWhole = format === 'json' || file.size <= MAX_WHOLE;
  try {
    const bytes = await (isWhole ? file : file.slice(0, BEGINNING)).arrayBuffer();
    // A part may end within a character.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, {
      stream: !isWhole,
    });
    return { id: ++drafts, name: file.name, size: file.size, file, format, text, isWhole };
  } catch (error) {
    const isEncoding = error instanceof TypeError;
    return refusedDraft(
      file,
      isEncoding
        ? 'It is not UTF-8: save it as UTF-8 (Excel: “CSV UTF-8”), or unpack it if it is zipped.'
        : 'The browser cannot read it: is it a folder, or was it changed meanwhile? Choose it again.',
    );
  }
};

const heads = new WeakMap<Draft, { key: string; rows: FirstRows }>();

/** The first rows of a draft with a template that asks for these variables; undefined of a refused one. */
export const firstRowsOfDraft = (draft: Draft, variables: ReadonlySet<string>): FirstRows | undefined => {
  const { format, text, isWhole } = draft;
  if (format === undefined) return undefined;
  const key = [...variables].join();
  const known = heads.get(draft);
  if (known?.key === key) return known.rows;
  const isCut = format !== 'json' && text.length > HEAD;
  const rows = firstRowsOf(isCut ? text.slice(0, HEAD) : text, format, {
    variables,
    isWhole: isWhole && !isCut,
  });
  heads.set(draft, { key, rows });
  return rows;
};

const beginnings = new WeakMap<Draft, { reserved: number; beginning: Beginning | undefined }>();
const RESERVED_STEP = 64 * 1024;

/** A long text is cut anew only when the defaults need clearly more room. */
const beginningOfDraft = (draft: Draft, format: Format, needed: number): Beginning | undefined => {
  const reserved = Math.ceil(needed / RESERVED_STEP) * RESERVED_STEP;
  const known = beginnings.get(draft);
  if (known?.reserved === reserved) return known.beginning;
  const { text, size, isWhole } = draft;
  const beginning = beginningOf(text, format, { size, isWhole, reserved });
  beginnings.set(draft, { reserved, beginning });
  return beginning;
};

/** The request that estimates a draft, and the share of the file that it has; undefined where its first record is too long. */
export const estimateRequestOf = (draft: Draft, defaults: { [name: string]: unknown }) => {
  const { name, format } = draft;
  if (format === undefined) return undefined;
  const beginning = beginningOfDraft(draft, format, JSON.stringify(defaults).length * 3);
  return (
    beginning && { share: beginning.share, body: { filename: name, content: beginning.content, defaults } }
  );
};
