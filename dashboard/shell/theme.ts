import { effect, signal } from '@preact/signals';
import { store, stored } from '../stored.ts';

const NAME = 'everytoken.theme';
const THEMES = ['system', 'light', 'dark'] as const;

export type Theme = (typeof THEMES)[number];

const chosen = (): Theme => THEMES.find((theme) => theme === stored('localStorage', NAME)) ?? 'system';

/** Light, dark, or as the system has it. */
export const theme = signal<Theme>(chosen());

export const nextTheme = (): Theme => THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? 'system';

effect(() => {
  store('localStorage', NAME, theme.value);
  if (theme.value === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
});
