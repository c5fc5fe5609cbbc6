/** Shows the tip of an element at once; for keys that move through something that is no focus. */
export let showTip: (element: HTMLElement) => void = () => {};

const DELAY_MS = 120;
const AWAY = 8;

/**
 * Shows the text of `data-tip` beside an element that the pointer rests on or that has the focus, in one place for the
 * whole page. It stays within the window, Escape closes it, and screen readers get it as the element's description.
 */
export const beginTips = (document: Document): void => {
  const tip = document.createElement('div');
  tip.className = 'tip';
  tip.id = 'tip';
  tip.setAttribute('role', 'tooltip');
  tip.hidden = true;
  document.body.append(tip);
  let described: Element | undefined;
  let timer = 0;

  const hide = (): void => {
    clearTimeout(timer);
    tip.hidden = true;
    described?.removeAttribute('aria-describedby');
    described = undefined;
  };
  const show = (element: HTMLElement): void => {
    const text = element.dataset.tip;
    if (!text || !element.isConnected) return;
    tip.textContent = text;
    tip.hidden = false;
    const at = element.getBoundingClientRect();
    const own = tip.getBoundingClientRect();
    const below = at.bottom + AWAY + own.height <= innerHeight;
    tip.style.top = `${Math.max(AWAY, below ? at.bottom + AWAY : at.top - AWAY - own.height)}px`;
    const middle = at.left + at.width / 2 - own.width / 2;
    tip.style.left = `${Math.max(AWAY, Math.min(innerWidth - own.width - AWAY, middle))}px`;
    described = element;
    element.setAttribute('aria-describedby', 'tip');
  };
  showTip = (element) => {
    hide();
    show(element);
  };
  const tipped = (target: EventTarget | null): HTMLElement | null =>
    target instanceof Element ? target.closest<HTMLElement>('[data-tip]') : null;

  document.addEventListener('pointerover', ({ target, pointerType }) => {
    const element = tipped(target);
    if (element === described && element !== null) return;
    hide();
    if (element) timer = setTimeout(() => show(element), pointerType === 'touch' ? 0 : DELAY_MS);
  });
  document.addEventListener('focusin', ({ target }) => {
    const element = tipped(target);
    hide();
    if (element?.matches(':focus-visible')) show(element);
  });
  document.addEventListener('focusout', hide);
  document.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') hide();
  });
  const follow = (): void => {
    // The focus scrolls what it moves to into sight.
    if (described instanceof HTMLElement && described === document.activeElement) show(described);
    else hide();
  };
  document.addEventListener('scroll', follow, { capture: true, passive: true });
};
