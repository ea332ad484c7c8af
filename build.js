// Turns src, test, seeds and bench into dist, file by file, and bundles the scripts that run in a browser.
// esbuild only strips types (under a second); types are checked by `npm run typecheck`.
import { build } from 'esbuild'
import { chmodSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const files = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))

rmSync('dist', { recursive: true, force: true })
await build({
  entryPoints: ['src', 'test', 'seeds', 'bench']
    .flatMap(files)
    .filter((file) => !file.startsWith('src/browser')),
  outbase: '.',
  outdir: 'dist',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  jsx: 'automatic',
  jsxImportSource: 'preact',
  logLevel: 'warning',
})
await build({
  entryPoints: files('src/browser'),
  outdir: 'dist/browser',
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['es2020', 'chrome87', 'safari14.1'],
  logLevel: 'warning',
})
chmodSync('dist/src/main.js', 0o755)
