import { html } from 'hono/html';
import { shownLine } from './shown-text.ts';

/** A piece of a page. Texts that are put into one are escaped. */
export type Html = ReturnType<typeof html>;

/** A setting's label beside its colour. Its direction stays its own. */
export const settingName = (label: string, at: number): Html =>
  html`<span class="setting"><span class="swatch series-${at % 8} shape-${Math.floor(at / 8) % 4}" aria-hidden="true"></span><bdi>${shownLine(label)}</bdi></span>`;

/** A sentence of the API: English, whatever labels it names. */
export const sentence = (text: string): Html => html`<bdi dir="ltr">${shownLine(text)}</bdi>`;

/** Other people's words: a name, a reason. */
export const words = (text: string): Html => html`<bdi>${shownLine(text)}</bdi>`;

/** Finds a setting's place by its label; -1 for none. */
export const placeOf = (settings: readonly { label: string }[], label: string): number =>
  settings.findIndex((setting) => setting.label === label);
