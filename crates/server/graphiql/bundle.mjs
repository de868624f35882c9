// Bundles GraphiQL into `dist`, each file compressed: node bundle.mjs, after npm ci.
import { build } from 'esbuild';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const { outputFiles } = await build({
  entryPoints: {
    main: 'main.jsx',
    'editor.worker': 'monaco-editor/esm/vs/editor/editor.worker.js',
    'graphql.worker': 'monaco-graphql/esm/graphql.worker.js',
    'json.worker': 'monaco-editor/esm/vs/language/json/json.worker.js',
  },
  bundle: true,
  minify: true,
  splitting: true,
  write: false,
  format: 'esm',
  outdir: 'dist',
  jsx: 'automatic',
  loader: { '.ttf': 'file' },
  define: { 'process.env.NODE_ENV': '"production"' },
  logLevel: 'warning',
});

mkdirSync('dist', { recursive: true });
for (const { path, contents } of outputFiles) {
  writeFileSync(join('dist', basename(path)), gzipSync(contents, { level: 9 }));
}
