import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  joinedTrace,
  parseTraceparent,
  parseXRayHeader,
  storedTrace,
  type TraceContext,
  traceFields,
  traceOfStored,
  traceparentOf,
  xRayHeaderOf,
} from '../../../lib/observe/trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const hex = (length: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map((digits) => digits.join(''))
    .filter((id) => !/^0+$/.test(id));
const context: fc.Arbitrary<TraceContext> = fc.record({
  traceId: hex(32),
  parentId: hex(16),
  sampled: fc.boolean(),
});

describe('a traceparent', () => {
  test('is parsed with its ids and its sampled flag, in later versions too', () => {
    expect(parseTraceparent(`00-${TRACE}-${PARENT}-01`)).toEqual({
      traceId: TRACE,
      parentId: PARENT,
      sampled: true,
    });
    expect(parseTraceparent(` 00-${TRACE}-${PARENT}-00 `)?.sampled).toBe(false);
    expect(parseTraceparent(`cc-${TRACE}-${PARENT}-09-what-comes-later`)?.sampled).toBe(true);
  });

  test.each([
    null,
    undefined,
    '',
    'nonsense',
    `ff-${TRACE}-${PARENT}-01`,
    `00-${'0'.repeat(32)}-${PARENT}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${PARENT}-01`,
    `00-${TRACE}-${PARENT}-01-more`,
    `00-${TRACE}-${PARENT}`,
    `00-${TRACE.slice(1)}-${PARENT}-01`,
  ])('that is invalid is ignored: %s', (header) => {
    expect(parseTraceparent(header)).toBeUndefined();
  });

  test('survives a round trip', () => {
    fc.assert(
      fc.property(context, (trace) => {
        expect(parseTraceparent(traceparentOf(trace))).toEqual(trace);
      }),
    );
  });
});

describe("X-Ray's header", () => {
  test('is parsed in any order of its fields, with unknown ones among them', () => {
    const header = `Parent=53995c3f42cd8ad8;Lineage=1:a87bd80c:0; Sampled=1;Root=1-5759e988-bd862e3fe1be46a994272793`;
    expect(parseXRayHeader(header)).toEqual({
      traceId: '5759e988bd862e3fe1be46a994272793',
      parentId: '53995c3f42cd8ad8',
      sampled: true,
    });
  });

  test.each([
    null,
    '',
    'Root=d5b1c2c0-7a52-4e0c-9d3f-0c1f3cfd4f9a',
    'Root=1-5759e988-bd862e3fe1be46a994272793',
    'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=0000000000000000;Sampled=1',
    ';;=;Root',
  ])('without trace and parent is ignored: %s', (header) => {
    expect(parseXRayHeader(header)).toBeUndefined();
  });

  test('is written from any trace, and parsed back to that trace', () => {
    fc.assert(
      fc.property(context, (trace) => {
        expect(parseXRayHeader(xRayHeaderOf(trace))).toEqual(trace);
      }),
    );
  });

  test('never makes the parser throw', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseXRayHeader(text)));
  });
});

describe('the trace of a call', () => {
  const own: TraceContext = { traceId: TRACE, parentId: PARENT, sampled: true };
  const brought: TraceContext = { traceId: 'a'.repeat(32), parentId: 'b'.repeat(16), sampled: false };

  test("is the caller's, with X-Ray's own header kept, so that X-Ray can link later calls", () => {
    const trace = joinedTrace(brought, { trace: own, isXRays: true });
    expect(trace).toMatchObject(brought);
    expect(xRayHeaderOf(trace)).toBe(xRayHeaderOf(own));
    expect(traceFields(trace)).toEqual({
      trace_id: brought.traceId,
      xray_trace_id: `1-${TRACE.slice(0, 8)}-${TRACE.slice(8)}`,
    });
  });

  test("is the invocation's own if the caller sent none, or the same one", () => {
    expect(joinedTrace(undefined, { trace: own, isXRays: true })).toEqual(own);
    expect(joinedTrace({ ...own, parentId: 'c'.repeat(16) }, { trace: own, isXRays: true })).toEqual(own);
    expect(joinedTrace(brought, { trace: own, isXRays: false })).toEqual(brought);
  });

  test('fits into 140 bytes in the run item, and is read back', () => {
    fc.assert(
      fc.property(context, context, (one, other) => {
        const trace = joinedTrace(one, { trace: other, isXRays: true });
        expect(traceOfStored(storedTrace(trace))).toEqual(trace);
        expect(storedTrace(trace).length).toBeLessThanOrEqual(140);
      }),
    );
    expect(storedTrace(own)).toBe(`00-${TRACE}-${PARENT}-01`);
    expect(traceOfStored('of another time')).toBeNull();
  });
});
