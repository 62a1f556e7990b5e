import { defineConfig } from 'vite';

/** One file, one script tag. */
export default defineConfig({
  root: import.meta.dirname,
  build: {
    outDir: 'dist',
    target: 'es2022',
    lib: {
      entry: 'src/widget.ts',
      formats: ['iife'],
      name: 'TrunklineChat',
      fileName: () => 'widget.js',
    },
  },
});
