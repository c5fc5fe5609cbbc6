/** The pictures of control characters, as ␛ for escape. */
const PICTURES = 0x2400;
const DELETE = 0x7f;

/**
 * Someone else's text as a page can show it: characters that would be invisible, or that would turn the direction of what
 * follows, become visible ones. Line ends and tabs stay.
 */
export const shownText = (text: string): string =>
  text
    .toWellFormed()
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]|\p{Bidi_Control}/gu, (character) => {
      const code = character.charCodeAt(0);
      if (code < 0x20) return String.fromCharCode(PICTURES + code);
      return code === DELETE ? '␡' : '\u{fffd}';
    });

/** `shownText` on one line, for names. */
export const shownLine = (text: string): string => shownText(text).replace(/\s+/g, ' ').trim();
