import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** In development the API is another origin; built, the page and the API share one (nginx). */
const api = process.env.TIER0_API_URL ?? 'http://127.0.0.1:8000';

export default defineConfig({
  plugins: [react()],
  build: {
    target: ['chrome123', 'firefox120', 'safari17.5'],
    reportCompressedSize: true,
  },
  server: { proxy: { '/api': api } },
  preview: { proxy: { '/api': api } },
});
