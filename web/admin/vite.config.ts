import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

import { firstPageBudget } from './build/first-page-budget.ts';
import { themeVariables } from './build/theme-variables.ts';

/** `npm run dev:web` shows the pages of a running stack as they are written. */
const STACK = `http://127.0.0.1:${8080 + Number(process.env['PORT_OFFSET'] ?? 0)}`;
const API = ['/api', '/enterprise', '/admin', '/r', '/telegram', '/health', '/metrics'];

export default defineConfig({
  root: import.meta.dirname,
  base: '/ui/',
  plugins: [react(), themeVariables(), firstPageBudget()],
  build: {
    outDir: 'dist',
    target: 'es2023',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
  },
  server: {
    host: '127.0.0.1',
    proxy: Object.fromEntries(
      // The API takes writes from its own origin only, and here that is the stack's.
      API.map((path) => [`^${path}(/|$)`, { target: STACK, headers: { origin: STACK } }]),
    ),
  },
});
