import { join } from 'node:path';
import { defineConfig } from 'vite';

/** `npx vite build dashboard/web`: one script, one style sheet and the fonts, into `dist/`, served by the dashboard's server. */
export default defineConfig({
  root: import.meta.dirname,
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    rollupOptions: { input: [join(import.meta.dirname, 'index.html'), join(import.meta.dirname, 'sign-in.html')] },
    // The page's policy allows its own origin only, no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8080', '/live': { target: 'ws://127.0.0.1:8080', ws: true } } },
});
