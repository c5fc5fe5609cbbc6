/** Times between frames of a page, in ms. `over` counts those of more than 50 ms. */
export type Frames = { count: number; longest: number; p99: number; over: number };

/** A script for a page: begins to note the time of each frame. */
export const beginFrames = `(() => {
  const frames = [];
  window.benchFrames = frames;
  const note = (at) => {
    if (window.benchFrames !== frames) return;
    frames.push(at);
    requestAnimationFrame(note);
  };
  requestAnimationFrame(note);
})()`;

/** A script for a page: the frames since `beginFrames`, the one under way included. A page that was left has none. */
export const endFrames = `new Promise((resolve) => requestAnimationFrame((now) => {
  const frames = [...(window.benchFrames ?? []), now];
  window.benchFrames = undefined;
  const gaps = frames.slice(1).map((at, index) => at - frames[index]).sort((a, b) => a - b);
  resolve({
    count: gaps.length,
    longest: gaps.at(-1) ?? 0,
    p99: gaps[Math.min(gaps.length - 1, Math.floor(gaps.length * 0.99))] ?? 0,
    over: gaps.filter((gap) => gap > 50).length,
  });
}))`;

/**
 * A script for a page: clicks the button of that name, and resolves to the ms until the frame in which an element that
 * matches `selector` has been painted.
 */
export const paintOf = (button: string, selector: string): string => `new Promise((resolve) => {
  const [found] = [...document.querySelectorAll('button')].filter((each) => each.textContent.trim() === ${JSON.stringify(button)});
  const begun = performance.now();
  const observer = new MutationObserver(() => {
    if (!document.querySelector(${JSON.stringify(selector)})) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - begun)));
  });
  observer.observe(document.body, { childList: true, subtree: true });
  found.click();
})`;
