// The released templates, filled with an invented person and pressed: the input that the press tests share.
import { readFileSync } from 'node:fs'
import { formatCode, SEAL_SLOT } from '../../src/domain/pact.js'
import { type PressInput } from '../../src/evidence/press.js'
import { fillTemplate, presentParties, type TemplateValues } from '../../src/evidence/filling.js'
import type { SlotMark } from '../../src/evidence/signing-place.js'
import { sampleValues as specimenValues } from '../../src/evidence/specimen.js'
import { parseTemplate, type PactTemplate } from '../../src/evidence/template.js'
import { loadFonts } from '../../src/evidence/typeface.js'

export const releasedTemplates = [
  'PI-ASN-INDIVIDU',
  'PI-PIMPINAN-UNIT',
  'PN-NON-ASN',
  'PI-BERSAMA-KEPALA-DAERAH',
  'IKRAR-APEL',
  'BA-PENYAKSIAN',
  'PI-KOLEKTIF',
  'LR-UNIT',
  'REKAP',
]

export function readTemplate(code: string): PactTemplate {
  const folder = `templates/pact/${code}/1`
  return parseTemplate({
    words: readFileSync(`${folder}/naskah.md`, 'utf8'),
    page: readFileSync(`${folder}/halaman.yaml`, 'utf8'),
    name: `${code}/1`,
  })
}

const font = (style: string) => readFileSync(`templates/fonts/LiberationSans-${style}.ttf`)
export const sampleFonts = loadFonts({ regular: font('Regular'), bold: font('Bold'), italic: font('Italic') })

// Names with an accent, a number that a person has, a moment: what the tests look for.
const ownValues: Record<string, string> = {
  nama_pemilihan: 'Pemilihan Wali Kota dan Wakil Wali Kota Kendari Tahun 2029',
  nama_lengkap: 'Dr. Hj. Renée Rahmawati, S.Pd., M.Si.',
  jabatan: 'Kepala Dinas Pendidikan',
  perangkat_daerah: 'Dinas Pendidikan',
  nama_unit: 'Dinas Pendidikan',
  lembaga_saksi: 'Bawaslu Kota Kendari',
  identitas_tersamar: '7471••••••••0003',
  tanggal_panjang: '22 November 2026',
}

/** Values for everything that a template names; `withOptional: false` leaves the optional ones out. */
export function sampleValues(template: PactTemplate, { withOptional } = { withOptional: true }) {
  const values: Record<string, TemplateValues[string]> = { ...specimenValues(template) }
  for (const name of Object.keys(values)) {
    if (!withOptional && template.optional.includes(name)) delete values[name]
    else if (name in ownValues) values[name] = ownValues[name]!
  }
  return values
}

/** Marks for all parties: the first has signed, the others sign later. */
export const sampleMarks = (template: PactTemplate, values: TemplateValues): Record<string, SlotMark> =>
  Object.fromEntries(
    presentParties(template, values).map(({ slot }, index): [string, SlotMark] => {
      const name = typeof values.nama_lengkap === 'string' ? values.nama_lengkap : 'Nama Contoh'
      const lines = ['Ditandatangani secara elektronik', '22 November 2026 pukul 14.05 WITA']
      return [slot, index === 0 ? { kind: 'typed', name, lines } : { kind: 'later' }]
    }),
  )

export const sampleCode = formatCode(Uint8Array.from({ length: 16 }, (_, index) => index * 15 + 7))
export const sampleUrl = `https://pakta.kendarikota.go.id/v/${sampleCode}`
export const samplePen = [
  [40, 150, 80, 40, 120, 160, 160, 60, 200, 150, 260, 80, 300, 140, 360, 90, 420, 130, 560, 60],
  [300, 30],
]

/** Input of the press for a whole pact. */
export function samplePress(template: PactTemplate, values = sampleValues(template)): PressInput {
  return {
    text: fillTemplate(template, values),
    page: template.page,
    letterhead: {
      above: ['PEMERINTAH KOTA KENDARI'],
      unit: 'DINAS PENDIDIKAN',
      address: ['Jalan Contoh Nomor 1, Kendari'],
    },
    fonts: sampleFonts,
    marks: sampleMarks(template, values),
    fields: [...presentParties(template, values).map(({ slot }) => slot), SEAL_SLOT],
    qr: { url: sampleUrl, code: sampleCode },
    footer: {
      nama_sistem: 'Pakta',
      pemerintah_daerah: 'Pemerintah Kota Kendari',
      url_verifikasi: 'pakta.kendarikota.go.id/v',
      kode_verifikasi: sampleCode,
    },
    info: {
      title: 'Pakta Integritas (contoh) – Renée',
      author: 'Pemerintah Kota Kendari',
      createdAt: new Date('2026-11-22T06:05:00Z'),
      documentId: new Uint8Array(16).fill(7),
    },
  }
}
