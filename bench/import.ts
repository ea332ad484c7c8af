import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, createDeflateRaw } from 'node:zlib'
import { performance } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { kendariPemda, kendariUnits } from '../seeds/kendari.js'
import { inventRoster } from '../seeds/people.js'
import { siasnColumns, siasnRow } from '../seeds/workbook.js'
import { parseRoster } from '../src/domain/roster.js'
import { checkRoster, confirmRoster, enrollPemda, enrollUnits } from '../src/flow/enroll.js'
import { migrate, openDatabase } from '../src/store/db.js'
import { countEmployees } from '../src/store/people.js'
import { findPemdas } from '../src/store/pemdas.js'
import { readSheets } from '../src/store/sheets.js'

const ROW_COUNT = 100_000
const SAMPLE_MS = 20

/** What is measured: reading alone, and the whole import into each database. */
const modes = ['read', 'embedded', 'postgres'] as const
type Mode = (typeof modes)[number]

/**
 * How long 100,000 rows of SIASN's 69 columns take: from the file to rows that could be stored, and all the way
 * into the roster (read, staged, compared, confirmed), with the peak of memory. `postgres` needs
 * PAKTA_TEST_DATABASE_URL and works in a schema of its own.
 */
export default async function benchImport(args: string[]): Promise<void> {
  if (args[0] === '--write') return writeWorkbook(args[1]!, Number(args[2]))
  if (args[0] === '--measure') return console.log(JSON.stringify(await measure(args[1] as Mode, args[2]!)))
  const rowCount = args[0] === undefined ? ROW_COUNT : Number(args[0])
  const folder = await mkdtemp(join(tmpdir(), 'pakta-bench-'))
  const path = join(folder, 'roster.xlsx')
  try {
    // Each in a process of its own, so that one's memory is not counted as another's.
    await run(['import', '--write', path, String(rowCount)])
    console.log(`${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}`)
    for (const mode of modes)
      if (mode !== 'postgres' || process.env.PAKTA_TEST_DATABASE_URL)
        await run(['import', '--measure', mode, path])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function run(args: string[]): Promise<void> {
  const [code] = (await once(fork(process.argv[1]!, args), 'exit')) as [number]
  if (code !== 0) throw new Error(`bench ${args.join(' ')} ended with ${code}`)
}

async function measure(mode: Mode, path: string) {
  let isOver = false
  let peakRssBytes = 0
  let stallMsMax = 0
  const watch = async () => {
    let before = performance.now()
    while (!isOver) {
      await setTimeout(SAMPLE_MS)
      const now = performance.now()
      stallMsMax = Math.max(stallMsMax, now - before - SAMPLE_MS)
      before = now
      peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss())
    }
  }
  const work = mode === 'read' ? readOnly : await prepareImport(mode)
  const watching = watch()
  const start = performance.now()
  const rows = await work(path)
  const seconds = (performance.now() - start) / 1000
  isOver = true
  await watching
  const mebibytes = (bytes: number) => Math.round(bytes / 1024 ** 2)
  return {
    mode,
    rows,
    file_mib: mebibytes((await stat(path)).size),
    seconds: Number(seconds.toFixed(2)),
    rows_per_second: Math.round(rows / seconds),
    peak_rss_mib: mebibytes(peakRssBytes),
    longest_stall_ms: Math.round(stallMsMax),
  }
}

async function readOnly(path: string): Promise<number> {
  let rows = 0
  for await (const item of parseRoster(readSheets(path))) if (item.kind === 'row' && item.row) rows++
  return rows
}

async function prepareImport(mode: 'embedded' | 'postgres'): Promise<(path: string) => Promise<number>> {
  const schema = 'pakta_bench'
  let source: Parameters<typeof openDatabase>[0]
  if (mode === 'postgres') {
    const url = new URL(process.env.PAKTA_TEST_DATABASE_URL!)
    const db = await openDatabase({ url: url.href })
    await db.raw(`drop schema if exists ${schema} cascade`)
    await db.raw(`create schema ${schema}`)
    await db.destroy()
    url.searchParams.set('options', `-c search_path=${schema}`)
    source = { url: url.href }
  } else source = { folder: await mkdtemp(join(tmpdir(), 'pakta-bench-database-')) }
  const db = await openDatabase(source)
  await migrate(db, join(import.meta.dirname, '../../migrations'))
  const now = new Date()
  await enrollPemda({ db }, kendariPemda, now)
  const [pemda] = await findPemdas(db)
  await enrollUnits({ db }, pemda!.id, await kendariUnits())
  return async (path) => {
    const file = { pemdaId: pemda!.id, path, fileName: 'roster.xlsx', accountId: undefined }
    const checked = await checkRoster({ db }, file, { now })
    const origin = { address: '', userAgent: 'bench' }
    await confirmRoster(
      { db },
      { importId: checked.id, pemdaId: pemda!.id, accountId: undefined },
      { now, origin },
    )
    const rows = await countEmployees(db, pemda!.id)
    if (rows !== checked.counts.added) throw new Error(`${rows} people, want ${checked.counts.added}`)
    await db.destroy()
    if ('folder' in source) await rm(source.folder, { recursive: true, force: true })
    return rows
  }
}

/** A workbook as Excel writes it: one sheet, every text in the shared strings once. */
async function writeWorkbook(path: string, rowCount: number): Promise<void> {
  // One in 27 is no civil servant and stands on no sheet of SIASN.
  const { people } = inventRoster({ seed: 1, count: Math.ceil(rowCount * 1.05), units: await kendariUnits() })
  const places = new Map<string, number>()
  const cellOf = (text: string, reference: string) => {
    if (text === '') return ''
    const place = places.get(text) ?? places.size
    places.set(text, place)
    return `<c r="${reference}" t="s"><v>${place}</v></c>`
  }
  const column = (index: number) =>
    (index < 26 ? '' : String.fromCharCode(64 + Math.floor(index / 26))) +
    String.fromCharCode(65 + (index % 26))
  const columns = siasnColumns.map((_, index) => column(index))
  const line = (texts: readonly string[], row: number) =>
    `<row r="${row}">${texts.map((text, index) => cellOf(text, columns[index]! + row)).join('')}</row>`
  const zip = new ZipWriter(path)
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
  const relationships = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
  await zip.add('xl/workbook.xml', [
    `<workbook xmlns="${main}" xmlns:r="${relationships}"><sheets><sheet name="ASN" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  ])
  await zip.add('xl/_rels/workbook.xml.rels', [
    `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${relationships}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
  ])
  // Columns that are empty in the seeds and full in a real export get a value of their own each, so that the
  // file has as many and as different cells as the real one.
  const filled = new Set([
    'JENIS KELAMIN',
    'GELAR DEPAN',
    'GELAR BELAKANG',
    'EMAIL',
    'EMAIL GOV',
    'GOL AKHIR NAMA',
    'GOL AKHIR ID',
  ])
  await zip.add(
    'xl/worksheets/sheet1.xml',
    (function* () {
      yield `<worksheet xmlns="${main}"><sheetData>${line(siasnColumns, 1)}`
      let row = 1
      for (const person of people) {
        if (person.type === 'NON_ASN') continue
        if (row > rowCount) break
        row++
        const cells = siasnRow(person) as string[]
        yield line(
          cells.map((text, index) => {
            const title = siasnColumns[index]!
            if (text !== '' || filled.has(title)) return text
            return /NOMOR SK|PNS ID|NIP LAMA|KARTU/.test(title) ? `${title}/${row}` : `${title} ${row % 500}`
          }),
          row,
        )
      }
      yield '</sheetData></worksheet>'
    })(),
  )
  const escape = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;')
  await zip.add(
    'xl/sharedStrings.xml',
    (function* () {
      yield `<sst xmlns="${main}">`
      for (const text of places.keys()) yield `<si><t>${escape(text)}</t></si>`
      yield '</sst>'
    })(),
  )
  await zip.end()
}

/** ZIP with sizes known only after the data. @see PKWARE APPNOTE 4.3.7 to 4.3.16, general purpose bit 3 */
class ZipWriter {
  private readonly file
  private readonly directory: Buffer[] = []
  private offset = 0

  constructor(path: string) {
    this.file = createWriteStream(path)
  }

  async add(name: string, pieces: Iterable<string>): Promise<void> {
    const start = this.offset
    const nameBytes = Buffer.from(name)
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0) // version needed
    fields.writeUInt16LE(8, 2) // sizes in the data descriptor
    fields.writeUInt16LE(8, 4) // DEFLATE
    fields.writeUInt16LE(nameBytes.length, 22)
    await this.put(Buffer.concat([Buffer.from('PK\x03\x04'), fields, nameBytes]))
    const deflate = createDeflateRaw({ level: 6 })
    let crc = 0
    let packedBytes = 0
    let bytes = 0
    const drained = (async () => {
      for await (const chunk of deflate) {
        packedBytes += (chunk as Buffer).length
        await this.put(chunk as Buffer)
      }
    })()
    let batch = ''
    const flush = async () => {
      const data = Buffer.from(batch)
      batch = ''
      crc = crc32(data, crc)
      bytes += data.length
      if (!deflate.write(data)) await once(deflate, 'drain')
    }
    for (const piece of pieces) {
      batch += piece
      if (batch.length > 1024 ** 2) await flush()
    }
    await flush()
    deflate.end()
    await drained
    const sizes = Buffer.alloc(12)
    sizes.writeUInt32LE(crc, 0)
    sizes.writeUInt32LE(packedBytes, 4)
    sizes.writeUInt32LE(bytes, 8)
    await this.put(Buffer.concat([Buffer.from('PK\x07\x08'), sizes]))
    const entry = Buffer.alloc(42)
    entry.writeUInt16LE(20, 0)
    fields.copy(entry, 2, 0, 10)
    sizes.copy(entry, 12)
    entry.writeUInt16LE(nameBytes.length, 24)
    entry.writeUInt32LE(start, 38)
    this.directory.push(Buffer.concat([Buffer.from('PK\x01\x02'), entry, nameBytes]))
  }

  async end(): Promise<void> {
    const start = this.offset
    for (const entry of this.directory) await this.put(entry)
    const end = Buffer.alloc(18)
    end.writeUInt16LE(this.directory.length, 4)
    end.writeUInt16LE(this.directory.length, 6)
    end.writeUInt32LE(this.offset - start, 8)
    end.writeUInt32LE(start, 12)
    await this.put(Buffer.concat([Buffer.from('PK\x05\x06'), end]))
    this.file.end()
    await once(this.file, 'close')
  }

  private async put(bytes: Buffer): Promise<void> {
    this.offset += bytes.length
    if (!this.file.write(bytes)) await once(this.file, 'drain')
  }
}
