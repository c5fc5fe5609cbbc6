/** Characters that change how a terminal shows the text around them: controls, line ends, bidirectional controls. */
const HIDDEN = /[^\P{Cc}\t]|[\p{Bidi_Control}\u2028\u2029]/gu;

/** Whether a text has characters that change how the text around them is shown. */
export const hasHidden = (text: string): boolean => text.search(HIDDEN) >= 0;

/**
 * Shows such characters as JSON's escapes, so that a name cannot forge or rearrange a line of a terminal or a log.
 * A line of JSON keeps its meaning.
 *
 * @example
 * visible('invoice\u202Etxt.exe') // 'invoice\\u202etxt.exe'
 */
export const visible = (text: string): string =>
  text.replace(HIDDEN, (character) => {
    const escaped = JSON.stringify(character).slice(1, -1);
    return escaped === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : escaped;
  });
