import { writeFile } from 'node:fs/promises'
import { unitColumns, unitKindLabels, type UnitRow } from '../src/domain/unit.js'
import { writeXlsx, type Value } from '../src/store/sheets.js'
import type { PemdaStated } from '../src/store/pemdas.js'
import { kendariPemda, kendariUnits } from './kendari.js'
import { inventRoster, SEED_PEOPLE_COUNT, type SeedPerson, type SeedRoster } from './people.js'

/** The seed that the demonstration uses. */
export const SEED = 7471

/** What SIASN exports about a person, in its order. */
export const siasnColumns = [
  'PNS ID',
  'NIP BARU',
  'NIP LAMA',
  'NAMA',
  'GELAR DEPAN',
  'GELAR BELAKANG',
  'TEMPAT LAHIR ID',
  'TEMPAT LAHIR NAMA',
  'TANGGAL LAHIR',
  'JENIS KELAMIN',
  'AGAMA ID',
  'AGAMA NAMA',
  'JENIS KAWIN ID',
  'JENIS KAWIN NAMA',
  'NIK',
  'NOMOR HP',
  'EMAIL',
  'EMAIL GOV',
  'ALAMAT',
  'NPWP NOMOR',
  'BPJS',
  'JENIS PEGAWAI ID',
  'JENIS PEGAWAI NAMA',
  'KEDUDUKAN HUKUM ID',
  'KEDUDUKAN HUKUM NAMA',
  'STATUS CPNS PNS',
  'KARTU ASN VIRTUAL',
  'NOMOR SK CPNS',
  'TANGGAL SK CPNS',
  'TMT CPNS',
  'NOMOR SK PNS',
  'TANGGAL SK PNS',
  'TMT PNS',
  'GOL AWAL ID',
  'GOL AWAL NAMA',
  'GOL AKHIR ID',
  'GOL AKHIR NAMA',
  'TMT GOLONGAN',
  'MK TAHUN',
  'MK BULAN',
  'JENIS JABATAN ID',
  'JENIS JABATAN NAMA',
  'JABATAN ID',
  'JABATAN NAMA',
  'TMT JABATAN',
  'TINGKAT PENDIDIKAN ID',
  'TINGKAT PENDIDIKAN NAMA',
  'PENDIDIKAN ID',
  'PENDIDIKAN NAMA',
  'TAHUN LULUS',
  'KPKN ID',
  'KPKN NAMA',
  'LOKASI KERJA ID',
  'LOKASI KERJA NAMA',
  'UNOR ID',
  'UNOR NAMA',
  'INSTANSI INDUK ID',
  'INSTANSI INDUK NAMA',
  'INSTANSI KERJA ID',
  'INSTANSI KERJA NAMA',
  'SATUAN KERJA INDUK ID',
  'SATUAN KERJA INDUK NAMA',
  'SATUAN KERJA KERJA ID',
  'SATUAN KERJA KERJA NAMA',
  'IS VALID NIK',
  'NAMA SEKOLAH',
  'FLAG IKD',
  'ESELON ID',
  'ESELON NAMA',
] as const
export type SiasnColumn = (typeof siasnColumns)[number]

export const nonAsnColumns = [
  'NAMA',
  'PEKERJAAN',
  'UNIT KERJA',
  'UNOR ID',
  'SUMBER DANA',
  'NOMOR PERJANJIAN',
  'TANGGAL PERJANJIAN',
  'EMAIL',
] as const

/** Stands in every column that must not be kept: whoever finds it in the database has found a mistake. */
export const FORBIDDEN_FILLER = 'TIDAK BOLEH DISIMPAN'
export const FORBIDDEN_NIK = '0000000000000000'

const dayFirst = (iso: string) => iso.split('-').reverse().join('-')

type PemdaName = Pick<PemdaStated, 'name' | 'governmentName'>

/** One person as a row of SIASN's export. */
export function siasnRow(person: SeedPerson, pemda: PemdaName = kendariPemda): Value[] {
  const { unit, type } = person
  const isCpns = type === 'CPNS'
  const appointed = dayFirst(person.appointed)
  const values: Partial<Record<SiasnColumn, string>> = {
    'NIP BARU': person.identityNumber,
    NAMA: person.name,
    'GELAR DEPAN': person.titlePrefix,
    'GELAR BELAKANG': person.titleSuffix,
    'TEMPAT LAHIR NAMA': FORBIDDEN_FILLER,
    'TANGGAL LAHIR': dayFirst(person.birthDate),
    'JENIS KELAMIN': person.sex === 'male' ? 'M' : 'F',
    'AGAMA NAMA': FORBIDDEN_FILLER,
    'JENIS KAWIN NAMA': FORBIDDEN_FILLER,
    NIK: FORBIDDEN_NIK,
    'NOMOR HP': person.phone,
    EMAIL: person.email,
    'EMAIL GOV': person.emailGov,
    ALAMAT: FORBIDDEN_FILLER,
    'NPWP NOMOR': FORBIDDEN_FILLER,
    BPJS: FORBIDDEN_FILLER,
    'JENIS PEGAWAI NAMA': type === 'PNS' || isCpns ? 'PNS Daerah Kabupaten/Kota' : type.replaceAll('_', ' '),
    'KEDUDUKAN HUKUM NAMA': person.legalStatusText === '' ? 'Aktif' : person.legalStatusText,
    'STATUS CPNS PNS': isCpns ? 'C' : type === 'PNS' ? 'P' : '',
    'NOMOR SK CPNS': '800/CONTOH',
    'TANGGAL SK CPNS': appointed,
    'TMT CPNS': appointed,
    'GOL AKHIR NAMA': person.grade,
    'JENIS JABATAN NAMA': person.jenisJabatan,
    'JABATAN NAMA': person.jabatan,
    'LOKASI KERJA NAMA': pemda.name,
    'UNOR ID': unit.unorId,
    'UNOR NAMA': unit.name,
    'INSTANSI INDUK NAMA': pemda.governmentName,
    'INSTANSI KERJA NAMA': pemda.governmentName,
    'SATUAN KERJA INDUK NAMA': pemda.governmentName,
    'SATUAN KERJA KERJA NAMA': pemda.governmentName,
    'IS VALID NIK': FORBIDDEN_FILLER,
    'ESELON NAMA': person.eselon === '' ? 'Non Eselon' : person.eselon,
  }
  return siasnColumns.map((title) => values[title] ?? '')
}

const nonAsnRow = (person: SeedPerson): Value[] => [
  person.name,
  person.jabatan,
  person.unit.name,
  person.unit.unorId,
  person.fundingSource,
  person.identityNumber,
  dayFirst(person.appointed),
  person.email,
]

/** The roster as an operator gets it: three sheets of SIASN's export, and one of non-ASN. */
export function formatRoster({ people }: SeedRoster, pemda: PemdaName = kendariPemda): Promise<Buffer> {
  const columns = siasnColumns.map((title) => ({ title }))
  const rows = (...types: SeedPerson['type'][]) =>
    people.filter((one) => types.includes(one.type)).map((one) => siasnRow(one, pemda))
  return writeXlsx([
    { name: 'PNS', columns, rows: rows('PNS', 'CPNS') },
    { name: 'PPPK', columns, rows: rows('PPPK') },
    { name: 'PPPK Paruh Waktu', columns, rows: rows('PPPK_PARUH_WAKTU') },
    {
      name: 'NON ASN',
      columns: nonAsnColumns.map((title) => ({ title })),
      rows: people.filter((one) => one.type === 'NON_ASN').map(nonAsnRow),
    },
  ])
}

/** The unit list as an operator keeps it. */
export function formatUnits(units: readonly UnitRow[]): Promise<Buffer> {
  const rows = units.map((unit) => [
    unit.code,
    unit.name,
    unitKindLabels[unit.kind],
    unit.parentCode,
    unit.regionCode,
    unit.unorId,
    unit.headNip,
    unit.headCapacity,
  ])
  return writeXlsx([{ name: 'UNIT', columns: unitColumns.map((title) => ({ title })), rows }])
}

/** Units with heads, and invented people, of Kota Kendari. */
export async function inventKendari(options: { seed?: number; count?: number } = {}): Promise<SeedRoster> {
  const { seed = SEED, count = SEED_PEOPLE_COUNT } = options
  return inventRoster({ seed, count, units: await kendariUnits() })
}

/** Writes the roster of `inventKendari` to an XLSX file. */
export async function writeSeedRoster(
  path: string,
  options: { seed?: number; count?: number } = {},
): Promise<void> {
  await writeFile(path, await formatRoster(await inventKendari(options)))
}

/** Writes the units of `inventKendari`, heads included, to an XLSX file. */
export async function writeSeedUnits(
  path: string,
  options: { seed?: number; count?: number } = {},
): Promise<void> {
  await writeFile(path, await formatUnits((await inventKendari(options)).units))
}
