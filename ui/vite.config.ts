import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// `npm run dev` talks to a studio that runs beside it: descend studio --port 8400
const server = process.env.DESCEND_STUDIO ?? 'http://127.0.0.1:8400';

export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: '../src/descend/studio/static',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0, // the content security policy allows files, not data: addresses
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 450, // the editor, which is loaded when a page needs it
  },
  server: {
    proxy: {
      '/api': server,
      '/ws': { target: server, ws: true },
    },
  },
  test: { include: ['tests/**/*.test.ts'] },
});
