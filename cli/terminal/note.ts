import stringWidth from 'string-width';
import { wrap } from './layout.ts';
import type { Screen } from './screen.ts';

/** Prints sentences for people: wrapped between words on a terminal, as they are elsewhere and where they fit. */
export const printNote = (screen: Screen, text: string): void => {
  for (const line of text.split('\n')) {
    const fits = !screen.isTerminal || stringWidth(line) <= screen.width();
    for (const part of fits ? [line] : wrap(line, screen.width())) screen.line(part);
  }
};
