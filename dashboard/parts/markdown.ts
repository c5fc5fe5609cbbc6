import DOMPurify from 'dompurify';
import { marked } from 'marked';

/** No images, forms, styles or ids: a model's text may not load, ask, cover or name anything. */
const ALLOWED_TAGS = [
  ...['p', 'br', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'blockquote', 'pre', 'code'],
  ...['em', 'strong', 'del', 'a', 'table', 'thead', 'tbody', 'tr', 'th', 'td'],
];
const ALLOWED_ATTR = ['href', 'start'];

/** Renders a model's Markdown as HTML that holds nothing but text and links to web pages. */
export const safeHtml = (markdown: string): string => {
  const purify = DOMPurify(window);
  purify.addHook('afterSanitizeAttributes', (element) => {
    if (element.tagName !== 'A') return;
    element.setAttribute('rel', 'noopener noreferrer nofollow');
    element.setAttribute('target', '_blank');
  });
  try {
    return purify.sanitize(marked.parse(markdown, { async: false, gfm: true }), {
      ALLOWED_TAGS,
      ALLOWED_ATTR,
      ALLOWED_URI_REGEXP: /^https?:/i,
    });
  } finally {
    purify.removeAllHooks();
  }
};
