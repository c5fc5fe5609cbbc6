import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { homePage } from '../../../../lib/http/service/home-page.ts';

const policyOf = (response: Response): Map<string, string> =>
  new Map(
    (response.headers.get('content-security-policy') ?? '').split('; ').map((directive) => {
      const [name = '', ...values] = directive.split(' ');
      return [name, values.join(' ')];
    }),
  );

describe('the page at /', () => {
  test('allows its own style by its hash and nothing else', async () => {
    const response = homePage('https://api.example');
    const page = await response.text();
    const [, style = ''] = /<style>(.*)<\/style>/s.exec(page) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(Object.fromEntries(policyOf(response))).toEqual({
      'default-src': "'none'",
      'style-src': `'sha256-${hash}'`,
      'base-uri': "'none'",
      'form-action': "'none'",
      'frame-ancestors': "'none'",
    });
    expect(style).toContain('body');
    expect(page).not.toMatch(/<script|<iframe|\son\w+=|style=|src=|javascript:/i);
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  });

  test('shows an address as text, whatever it contains', async () => {
    const page = await homePage(`https://x/"><script>alert('1')</script>&`).text();
    expect(page).not.toContain('<script');
    expect(page).toContain('&#34;&#62;&#60;script&#62;alert(&#39;1&#39;)&#60;/script&#62;&#38;');
  });
});
