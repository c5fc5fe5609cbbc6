/** Outlines on a grid of 16. */
const PATHS = {
  playground: 'M3 4h6M3 8h4M3 12h7M11.5 6.5l3 1.5-3 1.5z',
  runs: 'M2.5 4h11M2.5 8h11M2.5 12h7',
  compare: 'M4 13V7M8 13V3M12 13V9',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM11 11l3 3',
  files: 'M4 2h5l3 3v9H4zM9 2v3h3',
  usage: 'M2 12l4-4 3 2.5L14 4',
  close: 'M4 4l8 8M12 4l-8 8',
  plus: 'M8 3v10M3 8h10',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1',
  moon: 'M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7z',
  system: 'M2 3h12v8H2zM6 14h4M8 11v3',
  key: 'M5 14a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM7.2 8.8L13.5 2.5M11.5 4.5L14 7M9.5 6.5l1.5 1.5',
  copy: 'M6 6h7v7H6zM3 10V3h7',
  play: 'M5 3l8 5-8 5z',
  stop: 'M4 4h8v8H4z',
  down: 'M8 2v9M4.5 8L8 11.5 11.5 8M3 14h10',
  trash: 'M3 4h10M6.5 4V2.5h3V4M4.5 4l.5 9.5h6l.5-9.5',
} as const;

export type IconName = keyof typeof PATHS;

/** A picture beside a word, or in a button that has a name of its own. */
export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);
