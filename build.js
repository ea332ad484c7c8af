// Turns src, test, seeds and bench into dist, file by file, and bundles the scripts that run in a browser.
// esbuild only strips types (under a second); types are checked by `npm run typecheck`.
import { build } from 'esbuild'
import { chmodSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const files = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))

// Written over what is there, never emptied first: a service or a test that runs from dist keeps its files.
const sources = ['src', 'test', 'seeds', 'bench'].flatMap(files)
await build({
  entryPoints: sources,
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
  entryPoints: ['src/browser/signing.ts', 'src/browser/signing-own.ts', 'src/browser/screen.ts'],
  outdir: 'dist/browser',
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['es2020', 'chrome87', 'safari14.1'],
  logLevel: 'warning',
})
chmodSync('dist/src/main.js', 0o755)

// What no source stands behind any more goes last.
const made = new Set(sources.map((file) => join('dist', file.replace(/\.tsx?$/, '.js'))))
for (const entry of readdirSync('dist', { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name)
  if (!entry.isFile() || path.startsWith(join('dist', 'browser'))) continue
  if (!made.has(path.replace(/\.map$/, ''))) rmSync(path)
}
