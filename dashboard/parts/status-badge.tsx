const TONES = new Map([
  ['completed', 'good'],
  ['generated', 'good'],
  ['completed_with_errors', 'bad'],
  ['failed', 'bad'],
  ['generating', 'busy'],
  ['processing', 'busy'],
]);

/** The status of a run, a file or a comparison, in a word and a tone. */
export const StatusBadge = ({ status }: { status: string }) => (
  <span class={`badge ${TONES.get(status) ?? ''}`}>{status.replaceAll('_', ' ')}</span>
);
