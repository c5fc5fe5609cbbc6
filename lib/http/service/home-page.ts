import { createHash } from 'node:crypto';

const STYLE = `
:root { color-scheme: light dark; }
body { max-width: 44rem; margin: 3rem auto; padding: 0 1.25rem; font: 1rem/1.6 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin-bottom: .25rem; }
pre { padding: 1rem; overflow-x: auto; border: 1px solid #8886; border-radius: .4rem; font: .875rem/1.5 ui-monospace, monospace; }
`;

const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.codePointAt(0)};`);

/** The page at `/`: a short introduction, a first request, and links. `base` is the API's own URL. */
export const homePage = (base: string): Response => {
  const address = escapeHtml(base);
  return new Response(
    `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>everytoken</title>
<style>${STYLE}</style>
</head>
<body>
<h1>everytoken</h1>
<p>LLM calls through your own AWS account: every token timed, every output searchable, one result for each request.</p>
<h2>A first run</h2>
<pre>curl -N ${address}/runs \\
  -H 'content-type: application/json' \\
  -d '{"prompt": "Explain vector databases in a technical manner.", "max_tokens": 100, "stream": true}'</pre>
<p>Where keys are asked for, add <code>-H "authorization: Bearer $EVERYTOKEN_KEY"</code>.</p>
<h2>Where to look next</h2>
<ul>
<li><a href="${address}/docs">docs</a>: every route and field, to read and to try</li>
<li><a href="${address}/openapi.json">openapi.json</a>: the same for programs, with all problem codes</li>
<li><a href="${address}/health">health</a>: whether all parts answer</li>
</ul>
</body>
</html>
`,
    {
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': POLICY,
        'referrer-policy': 'no-referrer',
      },
    },
  );
};
