import { dropAbsent } from '../json/value.ts';

/**
 * A position in a trace, with W3C ids in lower-case hex (https://www.w3.org/TR/trace-context/). `sampled`: whether the
 * trace's originator records it. `xray`: X-Ray's own header, set when X-Ray traces the same call under a different
 * trace id because the caller sent one of its own.
 */
export type TraceContext = {
  traceId: string;
  parentId: string;
  sampled: boolean;
  xray?: string;
};

/** The trace of an invocation; `isXRays`: whether X-Ray traces the invocation under this id. */
export type OwnTrace = { trace: TraceContext; isXRays: boolean };

const isAllZeros = (id: string): boolean => /^0+$/.test(id);

/** Parses a `traceparent` header of any version but ff; undefined if it is missing or invalid. */
export const parseTraceparent = (header: string | null | undefined): TraceContext | undefined => {
  const match = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(
    header?.trim() ?? '',
  );
  const [, version = '', traceId = '', parentId = '', flags = '', more] = match ?? [];
  if (!match || isAllZeros(traceId) || isAllZeros(parentId) || (version === '00' && more !== undefined))
    return undefined;
  return { traceId, parentId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
};

export const traceparentOf = ({ traceId, parentId, sampled }: TraceContext): string =>
  `00-${traceId}-${parentId}-${sampled ? '01' : '00'}`;

/**
 * Parses X-Ray's tracing header (`Root=1-…;Parent=…;Sampled=1`); undefined if it is missing, invalid or without parent.
 * https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
 */
export const parseXRayHeader = (header: string | null | undefined): TraceContext | undefined => {
  const fields = new Map((header ?? '').split(';').map((part) => split(part)));
  const root = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/.exec(fields.get('Root') ?? '');
  const parentId = fields.get('Parent') ?? '';
  if (!root || !/^[0-9a-f]{16}$/.test(parentId) || isAllZeros(parentId)) return undefined;
  return { traceId: `${root[1]}${root[2]}`, parentId, sampled: fields.get('Sampled') === '1' };
};

const split = (part: string): [string, string] => {
  const at = part.indexOf('=');
  return [part.slice(0, Math.max(0, at)).trim(), part.slice(at + 1).trim()];
};

/** X-Ray's notation of a trace id. X-Ray reads the first 8 digits as epoch seconds. */
const xRayTraceId = (traceId: string): string => `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`;

/** X-Ray's header for an outgoing message or event, so that X-Ray links its handler to this trace. */
export const xRayHeaderOf = ({ traceId, parentId, sampled, xray }: TraceContext): string =>
  xray ?? `Root=${xRayTraceId(traceId)};Parent=${parentId};Sampled=${sampled ? 1 : 0}`;

/**
 * The trace of a call: the caller's if it sent one, otherwise the invocation's own. If X-Ray traces the invocation
 * under a different id, its header is kept in `xray`.
 */
export const joinedTrace = (
  incoming: TraceContext | undefined,
  { trace: own, isXRays }: OwnTrace,
): TraceContext =>
  incoming === undefined || incoming.traceId === own.traceId
    ? own
    : { ...incoming, ...(isXRays ? { xray: xRayHeaderOf(own) } : {}) };

const XRAY_ROOT = /Root=(1-[0-9a-f]{8}-[0-9a-f]{24})/;

/** The trace's fields in each log line. */
export const traceFields = (trace: TraceContext | null | undefined): Record<string, string | undefined> => ({
  trace_id: trace?.traceId,
  xray_trace_id: trace?.xray === undefined ? undefined : XRAY_ROOT.exec(trace.xray)?.[1],
});

/** The trace as the run item stores it: the traceparent, then X-Ray's header after a space if there is one. */
export const storedTrace = (trace: TraceContext): string =>
  trace.xray === undefined ? traceparentOf(trace) : `${traceparentOf(trace)} ${trace.xray}`;

/** The inverse of `storedTrace`; null for an invalid text. */
export const traceOfStored = (text: string): TraceContext | null => {
  const [traceparent = '', xray] = text.split(' ', 2);
  const trace = parseTraceparent(traceparent);
  return trace ? dropAbsent({ ...trace, xray }) : null;
};
