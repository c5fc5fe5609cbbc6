const MOST_CHARS = 300;
/** A run this long that also stands in a prompt is a quotation, not chance. */
const QUOTED_CHARS = 16;

/**
 * What a server said, cut to 300 characters, with everything it quotes from the prompts put as "…": error messages
 * are logged and stored, prompts are not.
 */
export const withoutPrompt = (message: string, prompts: readonly string[]): string => {
  const shown = message.slice(0, MOST_CHARS).toWellFormed();
  const hidden = new Uint8Array(shown.length);
  for (let at = 0; at + QUOTED_CHARS <= shown.length; at++) {
    const piece = shown.slice(at, at + QUOTED_CHARS);
    if (prompts.some((prompt) => prompt.includes(piece))) hidden.fill(1, at, at + QUOTED_CHARS);
  }
  for (const prompt of prompts) {
    if (prompt.length < 4 || prompt.length >= QUOTED_CHARS) continue;
    for (let at = shown.indexOf(prompt); at >= 0; at = shown.indexOf(prompt, at + 1)) {
      hidden.fill(1, at, at + prompt.length);
    }
  }
  let kept = '';
  for (let at = 0; at < shown.length; at++) {
    if (hidden[at] === 0) kept += shown[at];
    else if (hidden[at - 1] !== 1) kept += '…';
  }
  return message.length > MOST_CHARS ? `${kept}…` : kept;
};
