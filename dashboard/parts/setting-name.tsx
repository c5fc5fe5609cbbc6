import { shownLine } from '../../report/shown-text.ts';

const COLOURS = 8;
const SHAPES = 4;

/** A setting's label beside the colour and shape of its place, as charts and reports have them. */
export const SettingName = ({ label, at }: { label: string; at: number }) => (
  <span class="setting-name">
    <span
      class={`swatch series-${at % COLOURS} shape-${Math.floor(at / COLOURS) % SHAPES}`}
      aria-hidden="true"
    />
    <bdi>{shownLine(label)}</bdi>
  </span>
);
