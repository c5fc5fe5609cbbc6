import { isObject } from '../../json/value.ts';
import type { Refusal } from '../../sampling/refusals.ts';

/** An error that a model server answered, read from a body or an event of any shape. */
export type Refused = {
  /** The HTTP status; undefined for an error inside a stream. */
  status: number | undefined;
  /** The class of the error as an HTTP status, by its codes if it has no status; undefined: they do not tell. */
  kind: number | undefined;
  /** The server's words; empty if it gave none. */
  message: string;
  /** Its first code that is a word, such as `context_length_exceeded`; empty if it gave none. */
  code: string;
  refusesKey: boolean;
  isOutOfCredit: boolean;
  isModelMissing: boolean;
  /** The parts of the error that may each name a field. */
  complaints: Refusal[];
  retryAfterMs: number | undefined;
};

/** An error is read this deep at most, and this many entries of each list. */
const MAX_DEPTH = 8;
const MAX_ENTRIES = 10;
const MAX_PAGE_CHARS = 10_000;

/**
 * Fields with words for people, in order of preference. Others, such as FastAPI's `input`, can quote the prompt. Names
 * are compared as `plainName` makes them: servers write `error_message`, `errorMessage` and `Message`.
 */
const WORDS =
  'message detail msg errordescription errormessage errormsg errmsg statusmsg usermessage description title raw'.split(
    ' ',
  );
const CODES = 'code status reason errorcode errcode statuscode type errortype'.split(' ');
/** Objects that some servers wrap an error in. */
const ENVELOPES = ['baseresp', 'header', 'response', 'result'];
const NESTED = [
  ...['error', 'errors', 'innererror', 'message', 'detail', 'details', 'fieldviolations', 'metadata'],
  ...ENVELOPES,
];
/** Where an object of unknown fields is a map from the names of the wrong fields to words about them. */
const MAPS = ['errors', 'message', 'detail'];

/** The fields of an object that is an error even without a code. */
const ALONE = ['message', 'msg', 'requestid'];
const SAYS_ERROR = /error|exception|fail|invalid|denied/i;

/** The status that a code means. Codes are compared in lower case, without signs and without a last `error`. */
const STATUS_BY_CODE = new Map<string, number>(
  Object.entries({
    400: 'badrequest invalidrequest invalidargument invalidprompt validation failedprecondition outofrange contextlengthexceeded contextwindowexceeded contentpolicyviolation contentfilter biopolicy misalignmentpolicyviolation dataresidencymismatch unsupportedparameter unknownparameter unsupportedvalue extraforbidden',
    401: 'unauthenticated unauthorized authentication invalidauthentication invalidapikey apikeyinvalid',
    402: 'paymentrequired insufficientbalance insufficientcredits',
    403: 'permission permissiondenied forbidden',
    404: 'notfound modelnotfound',
    408: 'requesttimeout timeout',
    409: 'conflict aborted',
    413: 'requesttoolarge',
    422: 'unprocessableentity',
    429: 'ratelimit ratelimited ratelimitexceeded requests tokens toomanyrequests throttling resourceexhausted quotaexceeded insufficientquota billingnotactive billinghardlimitreached',
    500: 'server internal internalserver api unknown',
    501: 'unimplemented notimplemented',
    502: 'badgateway',
    503: 'unavailable serviceunavailable overloaded',
    504: 'gatewaytimeout deadlineexceeded',
  }).flatMap(([status, codes]) => codes.split(' ').map((code): [string, number] => [code, Number(status)])),
);
const OUT_OF_CREDIT = ['insufficientquota', 'billingnotactive', 'billinghardlimitreached'];

const NO_KEY =
  /\b(incorrect|invalid|wrong|expired|missing|unknown)( \w+)? api[ _-]?key\b|\bapi[ _-]?key( \w+)? (is |was |has )?(not valid|not found|invalid|incorrect|wrong|expired|missing|required)\b/i;
/** Keys that a server repeats, whole or with asterisks in them. A word is tried from its start alone: it can be long. */
const KEYS = /\b(?:sk-|gsk_|xai-|hf_|nvapi-|AIza)[\w*-]+|(?<!\S)\S*?\*{3,}\S*/g;

/** Reads an error of any shape: text, HTML, a JSON object or list, with its words and codes at any depth. */
export const readRefused = (
  body: unknown,
  { status, retryAfterMs }: { status?: number | undefined; retryAfterMs?: number | undefined } = {},
): Refused => {
  const found: Found = { codes: [], complaints: [] };
  collect(body, found, 0);
  const codes = found.codes.map(plainCode);
  const message = [...new Set(found.complaints.map((complaint) => complaint.message))]
    .join('; ')
    .replace(KEYS, '…');
  const kind = status ?? firstOf(found.codes.map(statusOfCode)) ?? statusInWords(message);
  return {
    status,
    kind,
    message,
    code: (found.codes.find((code) => /^[a-z][\w.-]{2,63}$/i.test(code)) ?? '').replace(KEYS, '…'),
    refusesKey:
      kind === 401 ||
      ((kind === undefined || kind === 400) &&
        (codes.some((code) => STATUS_BY_CODE.get(code) === 401) || NO_KEY.test(message))),
    isOutOfCredit: kind === 402 || (kind === 429 && codes.some((code) => OUT_OF_CREDIT.includes(code))),
    isModelMissing: codes.includes('modelnotfound') || (kind === 404 && /model/i.test(message)),
    complaints: found.complaints,
    retryAfterMs,
  };
};

/**
 * The error in a parsed event or document, for `readRefused`; undefined for a chunk and for anything unknown. An object
 * without choices is an error if it says so, has `detail`, or has words with a code or with nothing else, or if it
 * wraps such an object.
 */
export const errorIn = (event: unknown): unknown => {
  if (Array.isArray(event))
    return event.some((entry) => isObject(entry) && errorIn(entry) !== undefined) ? event : undefined;
  if (!isObject(event)) return undefined;
  const { choices } = event;
  if (isObject(choices) || (Array.isArray(choices) && choices.length > 0))
    return isSaid(event.error) ? event.error : undefined;
  const fields = plainFields(event);
  return isError(fields) || ENVELOPES.some((name) => isError(plainFields(fields.get(name))))
    ? event
    : undefined;
};

const isError = (fields: Fields): boolean => {
  const type = fields.get('type');
  const saysSo = ['error', 'errors', 'detail'].some((name) => isSaid(fields.get(name)));
  if (saysSo || fields.get('object') === 'error') return true;
  if (typeof type === 'string' && SAYS_ERROR.test(type)) return true;
  if (!WORDS.some((name) => isSaid(fields.get(name)))) return false;
  const isAlone = [...fields.keys()].every((name) => ALONE.includes(name));
  return isAlone || CODES.some((name) => isErrorCode(fields.get(name)));
};

/** The fields of an object by their plain names; none for anything else. */
type Fields = ReadonlyMap<string, unknown>;
const plainFields = (value: unknown): Fields =>
  new Map(isObject(value) ? Object.entries(value).map(([name, field]) => [plainName(name), field]) : []);

const plainName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Whether a field of a chunk holds an error, as opposed to the placeholders that some servers send in each chunk. */
export const isSaid = (error: unknown): boolean =>
  typeof error === 'object' && error !== null ? Object.values(error).some(Boolean) : Boolean(error);

const isErrorCode = (code: unknown): boolean => {
  const text = typeof code === 'number' || typeof code === 'string' ? String(code) : '';
  return /^\d+$/.test(text) ? Number(text) >= 400 : SAYS_ERROR.test(text) || statusOfCode(text) !== undefined;
};

type Found = { codes: string[]; complaints: Refusal[] };

const collect = (value: unknown, found: Found, depth: number): void => {
  if (depth > MAX_DEPTH) return;
  if (typeof value === 'string') collectText(value, found, depth);
  else if (Array.isArray(value)) {
    for (const entry of value.slice(0, MAX_ENTRIES)) collect(entry, found, depth + 1);
  } else if (isObject(value)) collectObject(value, found, depth);
};

const collectObject = (value: Record<string, unknown>, found: Found, depth: number): void => {
  const fields = plainFields(value);
  const codes = CODES.flatMap((name) => {
    const code = fields.get(name);
    return (typeof code === 'string' && code !== '') || typeof code === 'number' ? [String(code)] : [];
  });
  const error = fields.get('error');
  const words = [...WORDS.map((name) => fields.get(name)), sentence(fields.get('reason'))].find(isText);
  // `{"error": "Bad Request", "message": "…"}`: a class beside the words. Without them it is the words.
  if (words !== undefined && isText(error)) codes.push(error);
  found.codes.push(...codes);
  const said = words ?? error;
  if (isText(said)) collectText(said, found, depth, placeOf(value), codes);
  for (const name of NESTED) {
    const inner = fields.get(name);
    if (typeof inner !== 'object') continue;
    if (MAPS.includes(name) && isObject(inner) && isMap(inner)) collectMap(inner, found, depth + 1);
    else collect(inner, found, depth + 1);
  }
};

/** A reason, if it is words; most are codes. */
const sentence = (reason: unknown): string | undefined =>
  isText(reason) && /\s/.test(reason.trim()) ? reason : undefined;

/** Whether no field of an object is one that errors have. */
const isMap = (value: Record<string, unknown>): boolean =>
  ![...plainFields(value).keys()].some((name) => [...WORDS, ...CODES, ...NESTED].includes(name));

/** `{"temperature": ["is too high"]}`, as ASP.NET, Rails and Laravel answer. */
const collectMap = (value: Record<string, unknown>, found: Found, depth: number): void => {
  for (const [place, said] of Object.entries(value).slice(0, MAX_ENTRIES))
    for (const words of [said].flat().filter(isText).slice(0, MAX_ENTRIES))
      collectText(words, found, depth, place);
};

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';

/** The field that an object of an error is about: `param`, `field`, or the path in FastAPI's `loc`. */
const placeOf = ({ loc, param, field }: Record<string, unknown>): string => {
  if (Array.isArray(loc)) return loc.filter((part) => typeof part !== 'object').join('.');
  return isText(param) ? param : isText(field) ? field : '';
};

const collectText = (text: string, found: Found, depth: number, place = '', codes: string[] = []): void => {
  const inner = /^\s*[[{]/.test(text) ? parsed(text) : undefined;
  if (inner !== undefined) {
    collect(inner, found, depth + 1);
    return;
  }
  const words = wordsOf(text);
  if (words === '') return;
  const message = place === '' || words.includes(place) ? words : `${place}: ${words}`;
  found.complaints.push({ message, param: place, code: codes[0] });
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** A text in one line; of an HTML page its title, or its text without tags. */
const wordsOf = (text: string): string => {
  const cut = text.slice(0, MAX_PAGE_CHARS);
  const shown = /^\s*</.test(cut)
    ? (/<title[^>]*>([^<]+)/i.exec(cut)?.[1] ?? cut.replace(/<[^>]*>?/g, ' '))
    : cut;
  return shown.replace(/\s+/g, ' ').trim();
};

const firstOf = <T>(values: readonly (T | undefined)[]): T | undefined =>
  values.find((value) => value !== undefined);

/** The status in words such as `429 Too Many Requests`, `Error code: 400 - …` and `Unauthorized`. */
const statusInWords = (message: string): number | undefined => {
  const written = /^(?:(?:http|error|status)(?: code| status)?[: ]*)?([45]\d\d)\b/i.exec(message)?.[1];
  return written === undefined ? STATUS_BY_CODE.get(plainCode(message)) : Number(written);
};

const plainCode = (code: string): string =>
  code
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .replace(/(error|exception)$/, '');

const statusOfCode = (code: string): number | undefined => {
  const status = Number(code);
  return Number.isInteger(status) && status >= 400 && status < 600
    ? status
    : STATUS_BY_CODE.get(plainCode(code));
};
