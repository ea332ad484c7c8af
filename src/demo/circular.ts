// The mayor's circular of the demonstration: words of our own, on a page of the press.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { SeedGovernment } from '../../seeds/governments.js'
import { press } from '../evidence/press.js'
import { SPECIMEN_STAMP } from '../evidence/specimen.js'
import { parseTemplate } from '../evidence/template.js'
import { loadFonts } from '../evidence/typeface.js'

const templates = fileURLToPath(new URL('../../../templates/', import.meta.url))
const read = (path: string) => readFile(templates + path)
const font = (style: string) => read(`fonts/LiberationSans-${style}.ttf`)

export const circularNumber = '800/412/CONTOH'
export const circularTitle = 'Surat Edaran tentang Netralitas Aparatur Sipil Negara'

/** @returns a PDF of one page, stamped as a specimen */
export async function writeCircular(government: SeedGovernment, now: Date): Promise<Uint8Array> {
  const name = 'PI-KOLEKTIF/1'
  const words = (await read(`pact/${name}/naskah.md`)).toString()
  const { page } = parseTemplate({ name, words, page: (await read(`pact/${name}/halaman.yaml`)).toString() })
  const runs = (text: string) => [{ text }]
  const points = [
    'menjaga netralitas sebelum, selama, dan sesudah tahapan pemilihan, baik di dalam maupun di luar jam kerja;',
    'menandatangani pakta integritas secara perorangan sebelum batas waktu yang ditetapkan;',
    'mengikuti Apel Netralitas di unit masing-masing;',
    'melaporkan dugaan pelanggaran kepada atasan, Inspektorat, atau Bawaslu.',
  ]
  return press({
    page: { ...page, footer: [] },
    fonts: loadFonts({
      regular: await font('Regular'),
      bold: await font('Bold'),
      italic: await font('Italic'),
    }),
    stamp: SPECIMEN_STAMP,
    text: {
      blocks: [
        { kind: 'title', level: 1, runs: runs('SURAT EDARAN') },
        { kind: 'title', level: 2, runs: runs('TENTANG NETRALITAS APARATUR SIPIL NEGARA') },
        { kind: 'number', runs: runs(`Nomor: ${circularNumber}`) },
        {
          kind: 'paragraph',
          runs: runs(
            `Kepada seluruh aparatur sipil negara di lingkungan ${government.governmentName}. Menjelang ${government.election}, Saudara diminta:`,
          ),
        },
        ...points.map((text, index) => ({ kind: 'point' as const, number: index + 1, runs: runs(text) })),
        { kind: 'paragraph', runs: runs('Demikian untuk dilaksanakan dengan penuh tanggung jawab.') },
      ],
    },
    letterhead: {
      above: ['PEMERINTAH DAERAH'],
      unit: government.name.toUpperCase(),
      address: [government.letterheadAddress],
    },
    marks: {},
    fields: [],
    footer: {},
    info: {
      title: circularTitle,
      author: government.governmentName,
      createdAt: now,
      documentId: new Uint8Array(16).fill(0x5e),
    },
  })
}
