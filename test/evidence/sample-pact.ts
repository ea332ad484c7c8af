// The released templates, filled with an invented person and pressed: the input that the press tests share.
import { readFileSync } from 'node:fs'
import { formatCode, SEAL_SLOT } from '../../src/domain/pact.js'
import { laterLines, type PressInput } from '../../src/evidence/press.js'
import { fillTemplate, presentParties } from '../../src/evidence/filling.js'
import { parseTemplate, type PactTemplate } from '../../src/evidence/template.js'
import { loadFonts } from '../../src/evidence/typeface.js'

export const releasedTemplates = ['PI-ASN-INDIVIDU', 'PI-PIMPINAN-UNIT', 'PN-NON-ASN']

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

const everyValue: Record<string, string> = {
  nomor_dokumen: '800.1.6/123/DIKBUD/2026',
  nama_pemilihan: 'Pemilihan Wali Kota dan Wakil Wali Kota Kendari Tahun 2029',
  nama_lengkap: 'Dr. Hj. Renée Rahmawati, S.Pd., M.Si.',
  label_nomor_induk: 'NIP',
  nomor_induk: '19800115 200501 2 003',
  pangkat_golongan: 'Pembina Tingkat I, IV/b',
  jabatan: 'Kepala Dinas Pendidikan',
  unit_kerja: 'Sekretariat',
  perangkat_daerah: 'Dinas Pendidikan',
  pemerintah_daerah: 'Pemerintah Kota Kendari',
  tempat: 'Kendari',
  tanggal_panjang: '22 November 2026',
  jam_zona: '14.05 WITA',
  nama_unit: 'Dinas Pendidikan',
  batas_hari: '5',
  tanggal_batas: '27 November 2026',
  tempat_acara: 'Aula Balai Kota Kendari',
  nama_saksi: 'Nama Contoh Saksi, S.H.',
  jabatan_saksi: 'Ketua',
  lembaga_saksi: 'Bawaslu Kota Kendari',
  label_identitas: 'Nomor Identitas',
  identitas_tersamar: '7471••••••••0003',
  pekerjaan: 'Petugas Kebersihan',
  sumber_dana: 'APBD Kota Kendari',
  nomor_perjanjian: 'PK/045/2026',
  kedudukan: 'Plt.',
  cakupan_bawahan: 'beserta seluruh sekolah',
  dasar_hukum: 'Undang-Undang Nomor 20 Tahun 2023 Pasal 2 huruf f.',
  tanggal_perjanjian: '2 Januari 2026',
  nama_mengetahui: 'Nama Contoh Atasan, M.Si.',
  jabatan_mengetahui: 'Sekretaris Daerah Kota Kendari',
}

/** Values for every placeholder of a template; `withOptional: false` leaves the optional ones out. */
export function sampleValues(template: PactTemplate, { withOptional } = { withOptional: true }) {
  const names = [...template.placeholders, ...(withOptional ? template.optional : [])]
  return Object.fromEntries(names.map((name) => [name, everyValue[name]!]))
}

export const sampleCode = formatCode(Uint8Array.from({ length: 16 }, (_, index) => index * 15 + 7))
export const sampleUrl = `https://pakta.kendarikota.go.id/v/${sampleCode}`
export const samplePen = [
  [40, 150, 80, 40, 120, 160, 160, 60, 200, 150, 260, 80, 300, 140, 360, 90, 420, 130, 560, 60],
  [300, 30],
]

/** Input of the press for a whole pact. */
export function samplePress(template: PactTemplate, values = sampleValues(template)): PressInput {
  const lines = ['Ditandatangani secara elektronik', '22 November 2026 pukul 14.05 WITA']
  return {
    text: fillTemplate(template, values),
    page: template.page,
    letterhead: {
      above: ['PEMERINTAH KOTA KENDARI'],
      unit: 'DINAS PENDIDIKAN',
      address: ['Jalan Contoh Nomor 1, Kendari'],
    },
    fonts: sampleFonts,
    marks: {
      PENANDA_TANGAN: { kind: 'typed', name: values.nama_lengkap!, lines },
      SAKSI_1: { kind: 'later', lines: laterLines },
      MENGETAHUI: { kind: 'later', lines: laterLines },
    },
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
