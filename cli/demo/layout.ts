import { stripVTControlCharacters } from 'node:util';

/**
 * Text from elsewhere, made safe for a terminal: no escape sequences or control characters, nothing that turns the
 * direction of what follows, no lone surrogates. Tabs become spaces, every kind of line end a plain one.
 */
export const printable = (text: string): string =>
  stripVTControlCharacters(text.replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n'))
    .toWellFormed()
    .replaceAll('\t', ' ')
    .replace(/[^\P{Cc}\n]|\p{Bidi_Control}/gu, '');

/** The same in one line. */
export const printableLine = (text: string): string => printable(text).replace(/\s+/g, ' ').trim();
