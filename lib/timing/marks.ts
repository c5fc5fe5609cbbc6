/**
 * Instants of one request, in ms on one monotonic clock. `t0` dispatch, `tH` response headers, `tR` first data
 * event, `t1` first non-empty payload, `tO` first visible content, `tL` last non-empty payload, `tE` end of stream.
 */
export type Marks = {
  t0: number;
  tH?: number;
  tR?: number;
  t1?: number;
  tO?: number;
  tL?: number;
  tE?: number;
};
