import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** In development API and control port are other origins; built, the page shares one with both (nginx). */
const api = process.env.TIER0_API_URL ?? 'http://127.0.0.1:8000';
const control = process.env.TIER0_CONTROL_URL ?? 'http://127.0.0.1:8003';

const proxy = {
  '/api': api,
  '/cluster': { target: control, rewrite: (path: string) => path.replace(/^\/cluster/, '') },
  '/drills': control,
};

export default defineConfig({
  plugins: [react()],
  build: {
    target: ['chrome123', 'firefox120', 'safari17.5'],
    reportCompressedSize: true,
    rolldownOptions: {
      output: {
        // Web servers know .js; a worker that is served as text does not run.
        assetFileNames: ({ names }) =>
          names.some((name) => name.endsWith('.mjs'))
            ? 'assets/[name]-[hash].js'
            : 'assets/[name]-[hash][extname]',
      },
    },
  },
  server: { proxy },
  preview: { proxy },
});
