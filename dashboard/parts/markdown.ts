import DOMPurify from 'dompurify';
import { Marked } from 'marked';

/** No images, forms, styles or ids: a model's text may not load, ask, cover or name anything. */
const ALLOWED_TAGS = [
  ...['p', 'br', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'blockquote', 'pre', 'code'],
  ...['em', 'strong', 'del', 'a', 'table', 'thead', 'tbody', 'tr', 'th', 'td'],
];
const ALLOWED_ATTR = ['href', 'start'];

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);

/** HTML within the Markdown stays text: even where it is removed later, a browser has parsed its styles by then. */
const markdownOf = new Marked({ gfm: true, async: false, renderer: { html: ({ text }) => escaped(text) } });

/** Renders a model's Markdown as HTML that holds nothing but text and links to web pages. */
export const safeHtml = (markdown: string): string => {
  const purify = DOMPurify(window);
  purify.addHook('afterSanitizeAttributes', (element) => {
    if (element.tagName !== 'A') return;
    element.setAttribute('rel', 'noopener noreferrer nofollow');
    element.setAttribute('target', '_blank');
  });
  try {
    return purify.sanitize(markdownOf.parse(markdown, { async: false }), {
      ALLOWED_TAGS,
      ALLOWED_ATTR,
      // `data-tip` would speak in the page's own voice, and `aria-hidden` would hide from a screen reader what others see.
      ALLOW_DATA_ATTR: false,
      ALLOW_ARIA_ATTR: false,
      ALLOWED_URI_REGEXP: /^https?:/i,
    });
  } finally {
    purify.removeAllHooks();
  }
};
