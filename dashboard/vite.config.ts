import { basename, dirname, join } from 'node:path';
import { defineConfig, type Plugin } from 'vite';
import { coloursSheet } from '../report/colours.ts';

/** The paths of the API, which `npm run dashboard` passes on to a running stack. */
const API_PATHS =
  '^/(runs|files|comparisons|exports|search|usage|models|callers|operations|health|openapi\\.json|docs|v1)(/|\\?|$)';
const api = process.env.EVERYTOKEN_API ?? 'http://127.0.0.1:3000';

/** `colours.css`: the colours of the report, for both themes. */
const colours: Plugin = {
  name: 'colours',
  resolveId: (id) => (id === 'colours.css' ? '\0colours.css' : undefined),
  load: (id) => (id === '\0colours.css' ? coloursSheet() : undefined),
};

/**
 * A style that was loaded for one page stays when another opens, so each page's style reaches its own elements alone: the
 * frame names the folder of the page that is open. `:where` leaves the weight of the selectors as they are written.
 */
const pageStyles: Plugin = {
  name: 'page-styles',
  enforce: 'pre',
  transform: (code, id) => {
    const folder = /\/dashboard\/pages\/([a-z-]+)\/[a-z-]+\.css$/.exec(id)?.[1];
    return folder === undefined ? undefined : `:where([data-page="${folder}"]) {\n${code}\n}`;
  },
};

export default defineConfig({
  root: import.meta.dirname,
  base: './', // the page works below any path: a stage of API Gateway, a proxy's folder
  plugins: [colours, pageStyles],
  build: {
    outDir: join(import.meta.dirname, '../dist/dashboard'),
    emptyOutDir: true,
    assetsInlineLimit: 0, // the content security policy allows scripts, styles and fonts from files alone
    modulePreload: { polyfill: false },
    target: 'es2023',
    rolldownOptions: {
      output: {
        // Every page's entry is page.tsx, so its folder tells which it is.
        chunkFileNames: ({ facadeModuleId }) =>
          facadeModuleId?.endsWith('/page.tsx')
            ? `assets/${basename(dirname(facadeModuleId))}-[hash].js`
            : 'assets/[name]-[hash].js',
      },
    },
    chunkSizeWarningLimit: 1000, // kB; tools measure what a first load takes
  },
  server: {
    proxy: {
      [API_PATHS]: {
        target: api,
        headers: { origin: api, host: new URL(api).host },
        // Folders of modules have the names of routes.
        bypass: ({ url }) => (url !== undefined && /\.tsx?(\?|$)/.test(url) ? url : undefined),
      },
    },
  },
});
