// A template filled with invented people: what an official looks at before a version is released, and the trial
// that it must pass. What a template may ask for is what stands here.
import { PactError } from '../domain/errors.js'
import {
  breakCode,
  formatCode,
  groupFingerprint,
  isSignerClass,
  SEAL_SLOT,
  type TemplateUse,
} from '../domain/pact.js'
import {
  CONTRACT_NUMBER_LENGTH_MAX,
  JABATAN_LENGTH_MAX,
  NAME_LENGTH_MAX,
  TITLE_PREFIX_LENGTH_MAX,
  TITLE_SUFFIX_LENGTH_MAX,
  UNIT_NAME_LENGTH_MAX,
} from '../domain/roster.js'
import { fillTemplate, presentParties, type TemplateValues } from './filling.js'
import { joinPressed, openPress, type Sheet } from './press.js'
import { listed } from './settings.js'
import type { SlotMark } from './signing-place.js'
import type { PactTemplate } from './template.js'
import type { Fonts } from './typeface.js'

/** Words across every page that is no official document: a specimen, a pact of the demonstration. */
export const SPECIMEN_STAMP = 'CONTOH – BUKAN DOKUMEN RESMI'
const SIGNED_LINES = ['Ditandatangani secara elektronik', '20 November 2026 pukul 14.05 WITA']

const anyUse = {
  nomor_dokumen: '800.1.6/123/CONTOH/2026',
  nama_pemilihan: 'Pemilihan Gubernur dan Wakil Gubernur Tahun 2029',
  pemerintah_daerah: 'Pemerintah Kota Kendari',
  tanggal_panjang: '20 November 2026',
}
const witness = {
  nama_saksi: 'Nama Contoh Saksi, S.H., M.H.',
  jabatan_saksi: 'Ketua',
  lembaga_saksi: 'Badan Pengawas Pemilihan Umum Kota Kendari',
}
const secondWitness = {
  nama_saksi_2: 'Nama Contoh Saksi Kedua',
  jabatan_saksi_2: 'Pj. Wali Kota',
  lembaga_saksi_2: 'Pemerintah Kota Kendari',
}
const person = {
  ...anyUse,
  ...witness,
  dasar_hukum: 'Undang-Undang Nomor 20 Tahun 2023 tentang Aparatur Sipil Negara Pasal 2 huruf f.',
  nama_lengkap: 'Dr. Ir. Hj. Nama Contoh Pegawai, S.Pd., M.Si.',
  label_nomor_induk: 'NIP',
  nomor_induk: '19800115 200501 2 003',
  label_identitas: 'Nomor Perjanjian',
  identitas_tersamar: 'PK/045/2026',
  pangkat_golongan: 'Pembina Tingkat I, IV/b',
  kedudukan: 'Plt.',
  jabatan: 'Kepala Dinas Pendidikan dan Kebudayaan',
  pekerjaan: 'Petugas Kebersihan',
  unit_kerja: 'Sekretariat',
  perangkat_daerah: 'Dinas Pendidikan dan Kebudayaan',
  nama_unit: 'Dinas Pendidikan dan Kebudayaan',
  sumber_dana: 'APBD Kota Kendari',
  nomor_perjanjian: 'PK/045/2026',
  tanggal_perjanjian: '2 Januari 2026',
  cakupan_bawahan: 'beserta seluruh unit di bawahnya',
  tanggal_batas: '27 November 2026',
  tempat_acara: 'Aula Balai Kota Kendari',
  tempat: 'Kendari',
  jam_zona: '14.05 WITA',
  nama_mengetahui: 'Nama Contoh Atasan, S.Sos., M.Si.',
  jabatan_mengetahui: 'Sekretaris Daerah Kota Kendari',
}
const standing = {
  ...anyUse,
  nama_unit: 'Kecamatan Contoh',
  nama_kegiatan: 'Pakta Integritas Netralitas 2029',
  waktu_rekap: '20 November 2026 pukul 15.00 WITA',
  kedudukan_wajib: 'aktif',
  jumlah_wajib: '124 orang',
  jumlah_menandatangani: '118 orang (95,1%)',
  jumlah_belum: '6 orang',
  jumlah_dikecualikan: '3 orang',
}
const event = { hari: 'Jumat', tempat_acara: 'Auditorium Gubernuran', tempat: 'Padang' }

/** Every placeholder that a template of this use may name, with an invented value. */
export const placeholderSamples: Readonly<Record<TemplateUse, Readonly<Record<string, string>>>> = {
  HEAD: { ...person, ...secondWitness },
  ASN: person,
  NON_ASN: person,
  JOINT: {
    ...anyUse,
    ...event,
    provinsi: 'Sumatera Barat',
    tanggal_terbilang: 'dua puluh',
    bulan: 'November',
    tahun_terbilang: 'dua ribu dua puluh enam',
    tanggal_angka: '20-11-2026',
    kota_acara: 'Kota Padang',
  },
  COLLECTIVE: {
    ...anyUse,
    dasar_hukum: person.dasar_hukum!,
    perangkat_daerah: 'Kecamatan Contoh',
    waktu_tutup: '20 November 2026, 16.00 WITA',
    jumlah_penanda_tangan: '24 orang',
  },
  RECAP: { ...standing, jumlah_pakta: '118 pakta', akar_merkle: groupFingerprint('6e340b9c'.repeat(8)) },
  STANDING: {
    ...standing,
    batas_waktu: '27 November 2026 pukul 16.00 WITA',
    jumlah_tidak_terkirim: '2 orang',
    jumlah_belum_bersedia: '1 orang',
  },
  PLEDGE: {
    ...anyUse,
    ...event,
    ...witness,
    nama_unit: 'Kecamatan Contoh',
    tempat_apel: 'Lapangan Kantor Kecamatan',
    jumlah_hadir: '118',
    jumlah_wajib: '124',
    nama_pembaca: 'Nama Contoh Pembaca, S.STP.',
    jabatan_pembaca: 'Kepala Subbagian Umum dan Kepegawaian',
    nama_pembina: 'Nama Contoh Pembina, S.Sos., M.Si.',
    jabatan_pembina: 'Camat',
  },
  MINUTES: {
    ...anyUse,
    ...event,
    ...witness,
    jumlah_penanda_tangan: '47 (empat puluh tujuh)',
    daftar_berhalangan: 'Kepala Dinas Contoh (tugas luar) dan Camat Contoh (sakit)',
  },
}

// What the roster or the campaign may not have for everybody: a personal template asks for it as optional only.
const SOMETIMES = ['kedudukan', 'nama_mengetahui', 'jabatan_mengetahui', ...Object.keys(secondWitness)]

/** The placeholders that have a value on every pact of this use. */
export const surePlaceholders = (use: TemplateUse): string[] =>
  Object.keys(placeholderSamples[use]).filter(
    (name) =>
      !isSignerClass(use) || !(SOMETIMES.includes(name) || (Object.hasOwn(witness, name) && use !== 'HEAD')),
  )

// The 12 kabupaten and 7 kota of Sumatera Barat in order of their Kemendagri codes; no person of theirs.
const regions =
  'Kabupaten Pesisir Selatan,Kabupaten Solok,Kabupaten Sijunjung,Kabupaten Tanah Datar,Kabupaten Padang Pariaman,Kabupaten Agam,Kabupaten Lima Puluh Kota,Kabupaten Pasaman,Kabupaten Kepulauan Mentawai,Kabupaten Dharmasraya,Kabupaten Solok Selatan,Kabupaten Pasaman Barat,Kota Padang,Kota Solok,Kota Sawahlunto,Kota Padang Panjang,Kota Bukittinggi,Kota Payakumbuh,Kota Pariaman'.split(
    ',',
  )
const signers = regions.map((wilayah, index) => {
  const head = wilayah.startsWith('Kota') ? 'Wali Kota' : 'Bupati'
  const isDeputy = index % 6 === 4
  return {
    urut: String(index + 1),
    wilayah,
    nama: `Nama Contoh ${['Pertama', 'Kedua', 'Ketiga', 'Keempat', 'Kelima'][index % 5]!}`,
    jabatan: isDeputy ? 'Sekretaris Daerah' : head,
    kedudukan: isDeputy ? `mewakili ${head}` : 'hadir sendiri',
    dasar_mewakili: isDeputy ? '800.1.11.1/123/SETDA/2026, 18 November 2026' : '',
  }
})
const witnesses = [
  ['Gubernur Sumatera Barat', 'Pemerintah Provinsi Sumatera Barat'],
  ['Ketua', 'Bawaslu Provinsi Sumatera Barat'],
  ...Array.from({ length: 4 }, () => ['Anggota', 'Bawaslu Provinsi Sumatera Barat']),
  ['Kepala Badan', 'Badan Kesatuan Bangsa dan Politik Provinsi Sumatera Barat'],
].map(([jabatan, lembaga], index) => ({
  urut: String(index + 1),
  nama: `Nama Contoh Saksi ${index + 1}`,
  jabatan: jabatan!,
  lembaga: lembaga!,
}))
const members = Array.from({ length: 24 }, (_, index) => ({
  urut: String(index + 1),
  nama: `Nama Contoh Pegawai ${index + 1}, S.Sos.`,
  jabatan: index % 3 === 0 ? 'Kepala Seksi Pemerintahan' : 'Pengelola Layanan Operasional',
  waktu: `${18 + (index % 3)}-11-2026 08.${10 + index} WITA`,
  kode: breakCode(formatCode(new Uint8Array(16).fill(index + 1))),
}))
const standingLists = {
  daftar_unit: ['Kelurahan Contoh Satu', 'Kelurahan Contoh Dua', 'Kelurahan Contoh Tiga'].map((unit) => ({
    ...{ unit, wajib: '31', menandatangani: '30', belum: '1', persen: '96,7%' },
  })),
  daftar_pengecualian: [
    { alasan: 'Cuti', jumlah: '2' },
    { alasan: 'Pensiun', jumlah: '1' },
  ],
}
const listsOf: Partial<
  Record<TemplateUse, Readonly<Record<string, readonly Readonly<Record<string, string>>[]>>>
> = {
  JOINT: { daftar_penanda_tangan: signers, daftar_saksi: witnesses },
  COLLECTIVE: { daftar_pegawai: members },
  RECAP: {
    ...standingLists,
    daftar_pakta: members.map(({ urut, kode, waktu }) => ({ urut, kode: kode.replace(' ', ''), waktu })),
  },
  STANDING: standingLists,
}

/**
 * Invented values for everything that a template names.
 *
 * @throws BAD_TEMPLATE naming the placeholder, list or field that nothing fills
 */
export function sampleValues(template: PactTemplate): TemplateValues {
  const known = placeholderSamples[template.signerClass]
  const sure = surePlaceholders(template.signerClass)
  const refuse = (what: string, allowed: Iterable<string>) =>
    new PactError(
      'BAD_TEMPLATE',
      `${template.code}/${template.version}/naskah.md: ${what} tidak dikenal untuk ${template.signerClass}; yang boleh: ${listed(allowed)}`,
    )
  const values: Record<string, TemplateValues[string]> = {}
  for (const name of [...template.placeholders, ...template.optional]) {
    if (!Object.hasOwn(known, name)) throw refuse(`placeholder ${name}`, Object.keys(known).sort())
    if (template.placeholders.includes(name) && !sure.includes(name))
      throw new PactError(
        'BAD_TEMPLATE',
        `${template.code}/${template.version}/naskah.md: ${name} tidak selalu ada; pindahkan dari “placeholder” ke “opsional”`,
      )
    values[name] = known[name]!
  }
  for (const { name, fields, entriesMax } of template.lists) {
    const lists = listsOf[template.signerClass] ?? {}
    const entries = lists[name]
    if (!entries) throw refuse(`daftar ${name}`, Object.keys(lists).sort())
    const stranger = fields.find((field) => !Object.hasOwn(entries[0]!, field))
    if (stranger) throw refuse(`isi ${stranger} pada daftar ${name}`, Object.keys(entries[0]!))
    values[name] = entries
      .slice(0, entriesMax)
      .map((entry) => Object.fromEntries(fields.map((field) => [field, entry[field]!])))
  }
  return values
}

/** A sheet of these values, the first party's mark made and the others' places waiting; of a joint document all wait. */
export function sampleSheet(template: PactTemplate, values: TemplateValues): Sheet {
  const parties = presentParties(template, values)
  const marks = Object.fromEntries(
    parties.map(({ slot }, index): [string, SlotMark] => [
      slot,
      template.signerClass === 'JOINT'
        ? { kind: 'pending', name: `Nama Contoh ${index + 1}`, lines: SIGNED_LINES.slice(0, 1) }
        : template.signerClass === 'COLLECTIVE'
          ? { kind: 'typed', name: `Nama Contoh ${index + 1}`, lines: [] }
          : index === 0
            ? { kind: 'typed', name: 'Nama Contoh', lines: SIGNED_LINES }
            : { kind: 'later' },
    ]),
  )
  const code = formatCode(new Uint8Array(16).fill(0x5a))
  return {
    text: fillTemplate(template, values),
    letterhead: {
      above: ['PEMERINTAH KOTA KENDARI'],
      unit: 'DINAS CONTOH',
      address: ['Jalan Contoh Nomor 1, Kendari', 'Telepon (0401) 000000, surel contoh@rekaan.example'],
    },
    marks,
    fields: [...(template.signerClass === 'COLLECTIVE' ? [] : parties.map(({ slot }) => slot)), SEAL_SLOT],
    qr: { url: `https://pakta.rekaan.example/v/${code}`, code },
    footer: {
      nama_sistem: 'Pakta',
      pemerintah_daerah: 'Pemerintah Kota Kendari',
      url_verifikasi: 'https://pakta.rekaan.example/v',
      kode_verifikasi: code,
    },
    info: {
      title: `${template.code} versi ${template.version} – contoh`,
      author: 'Pakta',
      createdAt: new Date('2026-11-20T06:05:00Z'),
      documentId: new Uint8Array(16).fill(0x5a),
    },
  }
}

/**
 * A template's preview as a PDF, every page stamped as a specimen.
 *
 * @param emblem PNG or JPEG: see `checkEmblem`
 */
export async function pressSpecimen(
  template: PactTemplate,
  fonts: Fonts,
  emblem?: Uint8Array,
): Promise<Uint8Array> {
  const press = openPress({ page: template.page, fonts, stamp: SPECIMEN_STAMP, ...(emblem && { emblem }) })
  return joinPressed(await press.print(sampleSheet(template, sampleValues(template))))
}

/**
 * The trial that a template passes before it is released, so that no pact fails at the moment of signing: everything
 * it asks for is known, and the page holds both ordinary values and the longest that an import lets in.
 *
 * @throws BAD_TEMPLATE saying what does not fit
 */
export async function checkRelease(template: PactTemplate, fonts: Fonts): Promise<void> {
  const ordinary = sampleValues(template)
  const press = openPress({ page: template.page, fonts, stamp: SPECIMEN_STAMP })
  for (const values of [ordinary, longest(template, ordinary)])
    await press.print(sampleSheet(template, values))
}

const words = (length: number) =>
  'Kepala Subbagian Perencanaan '
    .repeat(Math.ceil(length / 29))
    .slice(0, length)
    .trim()
const LONGEST: Readonly<Record<string, string>> = {
  nama_lengkap: words(TITLE_PREFIX_LENGTH_MAX + NAME_LENGTH_MAX + TITLE_SUFFIX_LENGTH_MAX),
  jabatan: words(JABATAN_LENGTH_MAX),
  pekerjaan: words(JABATAN_LENGTH_MAX),
  unit_kerja: words(UNIT_NAME_LENGTH_MAX),
  perangkat_daerah: words(UNIT_NAME_LENGTH_MAX),
  nama_unit: words(UNIT_NAME_LENGTH_MAX),
  nomor_perjanjian: words(CONTRACT_NUMBER_LENGTH_MAX),
  identitas_tersamar: words(CONTRACT_NUMBER_LENGTH_MAX),
}

const longest = (template: PactTemplate, ordinary: TemplateValues): TemplateValues =>
  Object.fromEntries(
    Object.entries(ordinary).map(([name, value]) => [
      name,
      typeof value === 'string' && isSignerClass(template.signerClass) ? (LONGEST[name] ?? value) : value,
    ]),
  )
