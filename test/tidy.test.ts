// The house's own rules, held against its own source: see src/README.md.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { test } from 'node:test'

const ROOT = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter(Boolean)
const sources = tracked.filter((path) => /^(src|seeds)\/.*\.tsx?$/.test(path))

interface Import {
  from: string
  to: string // a path in the tree, or a package
  names: string[]
  isType: boolean
}

const imports: Import[] = sources.flatMap((from) =>
  [...read(from).matchAll(/^(?:import|export)\s+(type\s+)?([^'"]*?)\s*from\s+'([^']+)'/gm)].map(
    ([, type, names, target]) => ({
      from,
      to: target!.startsWith('.')
        ? normalize(join(dirname(from), target!)).replace(/\.js$/, '')
        : target!.startsWith('node:')
          ? target!
          : target!
              .split('/')
              .slice(0, target!.startsWith('@') ? 2 : 1)
              .join('/'),
      names: names!
        .replace(/[{}\s]/g, ' ')
        .split(/[ ,]+/)
        .filter((name) => name && name !== 'type' && name !== 'as'),
      isType: type !== undefined,
    }),
  ),
)

const roomOf = (path: string) =>
  /^src\/(\w+)\//.exec(path)?.[1] ?? (path.startsWith('seeds/') ? 'seeds' : 'roof')

const mayImport: Record<string, readonly string[]> = {
  domain: ['domain'],
  evidence: ['evidence', 'domain'],
  store: ['store', 'domain', 'evidence'],
  remote: ['remote', 'domain', 'evidence'],
  flow: ['flow', 'domain', 'evidence', 'store', 'remote'],
  web: ['web', 'flow', 'domain', 'store'],
  browser: ['browser', 'domain', 'evidence'],
  seeds: ['seeds', 'domain', 'store'],
  demo: ['demo', 'domain', 'evidence', 'store', 'remote', 'seeds'],
  roof: ['demo', 'roof', 'domain', 'evidence', 'store', 'remote', 'flow', 'web', 'seeds'],
}

/** The files of flow/ that are nouns: what every verb works with. */
const flowNouns = [
  'src/flow/batch',
  'src/flow/device',
  'src/flow/document',
  'src/flow/factor',
  'src/flow/file',
  'src/flow/house',
  'src/flow/page',
  'src/flow/paper',
  'src/flow/row',
  'src/flow/standing',
]

test('imports only go down', () => {
  const inside = imports.filter(({ to }) => to.startsWith('src/') || to.startsWith('seeds/'))
  assert.ok(inside.length > 100, 'the test found the imports at all')
  for (const { from, to } of inside)
    assert.ok(mayImport[roomOf(from)]!.includes(roomOf(to)), `${from} may not import ${to}`)
  for (const { from, to } of inside)
    assert.ok(!/^src\/(main|config)$/.test(to) || from === 'src/main.ts', `${from} may not import ${to}`)
})

test('a verb imports no other verb; only advance runs them all', () => {
  for (const { from, to } of imports)
    if (from.startsWith('src/flow/') && to.startsWith('src/flow/') && from !== 'src/flow/advance.ts')
      assert.ok(flowNouns.includes(to), `${from} may not import ${to}`)
})

test('a page never reads the store, a desk only finds, counts and names types', () => {
  for (const { from, to, names } of imports) {
    if (roomOf(from) !== 'web' || roomOf(to) !== 'store') continue
    assert.match(from, /^src\/web\/(desk\/|server)/, `${from} may not import ${to}`)
    const source = read(from)
    for (const name of names) {
      const isType = /^[A-Z]/.test(name) || new RegExp(`type ${name}\\b`).test(source)
      assert.ok(isType || /^(find|count)[A-Z]/.test(name), `${from} may not import ${name} from ${to}`)
    }
  }
})

test('every npm package has one door: one file, or one room', () => {
  const doors = new Map<string, Set<string>>()
  for (const { from, to } of imports)
    if (!to.startsWith('node:') && !to.startsWith('src/') && !to.startsWith('seeds/'))
      doors.set(to, (doors.get(to) ?? new Set()).add(from))
  for (const [name, files] of doors)
    assert.ok(
      files.size === 1 || new Set([...files].map(roomOf)).size === 1,
      `${name} is imported by ${[...files].join(', ')}`,
    )
})

test('every dependency is exact and has its line in src/README.md', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
    string,
    Record<string, string>
  >
  const readme = read('src/README.md')
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    assert.match(version, /^\d+\.\d+\.\d+$/, `${name} is not an exact version`)
    assert.ok(
      readme.includes(`\`${name}\``) || name.startsWith('@types/'),
      `src/README.md does not say why ${name} is here`,
    )
  }
})

test('the clock, randomness and the environment are read on the roof only', () => {
  const banned =
    /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\brandomBytes\(|\bprocess\.(env|argv|exit|cwd|stdout|stderr)\b/
  for (const path of sources) {
    if (roomOf(path) === 'roof' || path.startsWith('src/browser/')) continue
    const line = read(path)
      .split('\n')
      .find((text) => banned.test(text) && !text.trim().startsWith('//') && !text.trim().startsWith('*'))
    assert.equal(line, undefined, path)
  }
})

test('no file is called by a name that says nothing', () => {
  for (const path of tracked)
    assert.doesNotMatch(
      path,
      /(^|\/)(utils?|helpers?|common|shared|misc|lib|types|constants|index)(\.[a-z.]+|\/)/i,
    )
})

test('no TODO, no silenced type and no any is left in the source', () => {
  for (const path of sources)
    assert.doesNotMatch(
      read(path),
      /\bTODO\b|\bFIXME\b|@ts-ignore|@ts-nocheck|\bas any\b|: any[\])},;=\s]*$/m,
      path,
    )
})

test('a released template and an applied migration are never edited', () => {
  const released = JSON.parse(read('test/golden/released.json')) as Record<string, string>
  for (const [path, sha256] of Object.entries(released))
    assert.equal(
      createHash('sha256').update(read(path)).digest('hex'),
      sha256,
      `${path} was edited after its release`,
    )
})

test('README has at most 200 lines and every command in it exists', () => {
  const readme = read('README.md')
  assert.ok(readme.split('\n').length <= 200)
  const help = execFileSync(process.execPath, [join(ROOT, 'dist/src/main.js'), '--help'], {
    encoding: 'utf8',
  })
  const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts)
  for (const [, command] of readme.matchAll(/npx pakta (\w+)/g))
    assert.match(help, new RegExp(`^  ${command}\\b`, 'm'))
  for (const [, script] of readme.matchAll(/npm run (\w+)/g)) assert.ok(scripts.includes(script!), script)
})
