// Runs the suite: `node dist/test/run.js [part of a file's name ...]`. First on the embedded database; when
// PAKTA_TEST_DATABASE_URL is set, what touches a database runs once more on that PostgreSQL. One summary.
import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { Readable } from 'node:stream'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

const FOLDER = import.meta.dirname
const URL_NAME = 'PAKTA_TEST_DATABASE_URL'
/** Rooms whose tests open a house. */
const DATABASE_ROOMS = /^(flow|store|web)\//
/** What needs a database that outlives the process it is used by; without a PostgreSQL it says why it is skipped. */
const POSTGRESQL_ONLY = /^demo\/kill\./
const COUNT = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/

const wanted = process.argv.slice(2)
const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.js'))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort()

type Passed = { data: { message?: string; nesting?: number } } & { type: string }

/** The events of each pass one after the other, with the runner's closing lines added up at the end. */
async function* runPasses(): AsyncGenerator<Passed> {
  const url = process.env[URL_NAME]
  const passes = [
    {
      name: 'embedded database',
      url: undefined,
      files: files.filter((file) => !url || !POSTGRESQL_ONLY.test(file)),
    },
    {
      name: 'PostgreSQL',
      url,
      files: files.filter((file) => url && (DATABASE_ROOMS.test(file) || POSTGRESQL_ONLY.test(file))),
    },
  ]
  const counts = new Map<string, number>()
  for (const pass of passes) {
    if (pass.files.length === 0) continue
    if (pass.url === undefined) delete process.env[URL_NAME]
    else process.env[URL_NAME] = pass.url
    const start = `${pass.name}: ${pass.files.length} test files`
    if (url) yield { type: 'test:stdout', data: { message: `\n${start}\n` } }
    const events = run({
      files: pass.files.map((file) => join(FOLDER, file)),
      concurrency: availableParallelism(),
    }) as AsyncIterable<Passed>
    for await (const event of events) {
      const count =
        event.type === 'test:diagnostic' && event.data.nesting === 0 && COUNT.exec(event.data.message ?? '')
      if (count) counts.set(count[1]!, (counts.get(count[1]!) ?? 0) + Number(count[2]))
      else yield event
    }
  }
  for (const [name, count] of counts)
    yield { type: 'test:diagnostic', data: { nesting: 0, message: `${name} ${count}` } }
  if ((counts.get('fail') ?? 0) + (counts.get('cancelled') ?? 0) > 0 || !counts.get('tests'))
    process.exitCode = 1
}

if (files.length === 0) {
  process.stderr.write(`no test file's name contains ${wanted.join(' or ')} under ${relative('.', FOLDER)}\n`)
  process.exitCode = 1
} else Readable.from(runPasses()).compose(new spec()).pipe(process.stdout)
