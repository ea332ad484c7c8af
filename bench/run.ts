// `npm run bench -- NAME [arguments]` runs bench/NAME.ts: a default function that takes the rest and prints figures.
const [name, ...rest] = process.argv.slice(2)
if (!name || !/^[a-z-]+$/.test(name)) {
  console.error(
    'usage: npm run bench -- import [rows] | press [--json] [--count N] | archive [--json] [--count N] | coverage [--json] [--count N]',
  )
  process.exit(2)
}
const bench = (await import(`./${name}.js`)) as { default: (args: string[]) => Promise<void> }
await bench.default(rest)
