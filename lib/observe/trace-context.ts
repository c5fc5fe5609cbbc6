import { dropAbsent } from '../json/value.ts';

/**
 * A place in a trace: W3C's ids, in lower-case hex. `sampled`: whether whoever began the trace records it. `xray` is
 * X-Ray's own header where X-Ray follows the same call under another trace id (the caller brought one of theirs).
 */
export type TraceContext = {
  traceId: string;
  parentId: string;
  sampled: boolean;
  xray?: string;
};

/** The trace of an invocation; `isXRays` says whether X-Ray follows it under that id. */
export type OwnTrace = { trace: TraceContext; isXRays: boolean };

const isNone = (id: string): boolean => /^0+$/.test(id);

/** A `traceparent` header (W3C Trace Context, any version but ff), or nothing where it is missing or not valid. */
export const parseTraceparent = (header: string | null | undefined): TraceContext | undefined => {
  const match = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(
    header?.trim() ?? '',
  );
  const [, version = '', traceId = '', parentId = '', flags = '', more] = match ?? [];
  if (!match || isNone(traceId) || isNone(parentId) || (version === '00' && more !== undefined))
    return undefined;
  return { traceId, parentId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
};

export const traceparentOf = ({ traceId, parentId, sampled }: TraceContext): string =>
  `00-${traceId}-${parentId}-${sampled ? '01' : '00'}`;

/** X-Ray's header (`Root=1-…;Parent=…;Sampled=1`), or nothing where it is missing, not valid, or names no parent. */
export const parseXRayHeader = (header: string | null | undefined): TraceContext | undefined => {
  const fields = new Map((header ?? '').split(';').map((part) => split(part)));
  const root = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/.exec(fields.get('Root') ?? '');
  const parentId = fields.get('Parent') ?? '';
  if (!root || !/^[0-9a-f]{16}$/.test(parentId) || isNone(parentId)) return undefined;
  return { traceId: `${root[1]}${root[2]}`, parentId, sampled: fields.get('Sampled') === '1' };
};

const split = (part: string): [string, string] => {
  const at = part.indexOf('=');
  return [part.slice(0, Math.max(0, at)).trim(), part.slice(at + 1).trim()];
};

/** A trace id as X-Ray writes it: the first 8 digits are epoch seconds there. */
const xRayTraceId = (traceId: string): string => `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`;

/** What X-Ray is told of a message or an event, so that it links what handles it. */
export const xRayHeaderOf = ({ traceId, parentId, sampled, xray }: TraceContext): string =>
  xray ?? `Root=${xRayTraceId(traceId)};Parent=${parentId};Sampled=${sampled ? 1 : 0}`;

/** The trace of a call: the one that its caller brought; X-Ray's own is kept beside it, where that is another. */
export const joinedTrace = (
  brought: TraceContext | undefined,
  { trace: own, isXRays }: OwnTrace,
): TraceContext =>
  brought === undefined || brought.traceId === own.traceId
    ? own
    : { ...brought, ...(isXRays ? { xray: xRayHeaderOf(own) } : {}) };

const XRAY_ROOT = /Root=(1-[0-9a-f]{8}-[0-9a-f]{24})/;

/** What each log line about something in this trace says. */
export const traceFields = (trace: TraceContext | null | undefined): Record<string, string | undefined> => ({
  trace_id: trace?.traceId,
  xray_trace_id: trace?.xray === undefined ? undefined : XRAY_ROOT.exec(trace.xray)?.[1],
});

/** A trace as RUN keeps it: its traceparent, and X-Ray's header after a space where there is one. */
export const storedTrace = (trace: TraceContext): string =>
  trace.xray === undefined ? traceparentOf(trace) : `${traceparentOf(trace)} ${trace.xray}`;

export const traceOfStored = (text: string): TraceContext | null => {
  const [traceparent = '', xray] = text.split(' ', 2);
  const trace = parseTraceparent(traceparent);
  return trace ? dropAbsent({ ...trace, xray }) : null;
};
