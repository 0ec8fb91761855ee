import { defaultClientConditions, defineConfig } from 'vite';

/** The live page. Its root is this folder, given on the command line. */
export default defineConfig({
  // Relative, so that the page also works behind a proxy that serves it under a path.
  base: './',
  publicDir: false,
  resolve: { conditions: ['source', ...defaultClientConditions] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // The page's content policy allows its own files only: an inlined asset would be a data: URL, which it forbids.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
