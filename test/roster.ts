import type { UnitRow } from '../src/domain/unit.js'

/** One invented person of the tests' roster. */
export interface TestPerson {
  key: string // how tests call them; also the local part of the address
  identityNumber: string
  type: 'PNS' | 'PPPK' | 'PPPK_PARUH_WAKTU' | 'NON_ASN'
  name: string
  titlePrefix: string
  titleSuffix: string
  email: string
  legalStatus: string
  grade: string
  jabatan: string
  unit: string // code
}

const unit = (code: string, kind: UnitRow['kind'], name: string, more: Partial<UnitRow> = {}): UnitRow => ({
  code,
  kind,
  name,
  parentCode: '',
  regionCode: kind === 'kecamatan' || kind === 'kelurahan' ? code : null,
  unorId: '',
  headNip: null,
  headCapacity: 'kosong',
  ...more,
})

const nip = (sequence: number) =>
  `19${70 + (sequence % 25)}0${1 + (sequence % 9)}152005011${String(sequence).padStart(3, '0')}`
const niPppk = (sequence: number) => `1990051${sequence % 10}2022211${String(sequence).padStart(3, '0')}`

const NAMES =
  'Arga Bima Candra Dewi Eka Farid Gita Hadi Intan Jaya Kirana Laras Mahesa Nila Okta Puspa Rangga Sekar Tirta Utami Vino Wulan Yoga Zahra Bayu Citra Damar Elok Fajar Galuh Harum Indra Jati Kemala'.split(
    ' ',
  )

let made = 0
function person(key: string, unitCode: string, jabatan: string, more: Partial<TestPerson> = {}): TestPerson {
  const sequence = ++made
  const type = more.type ?? 'PNS'
  return {
    key,
    type,
    identityNumber:
      type === 'NON_ASN' ? `800/${sequence}/PK/2027` : type === 'PNS' ? nip(sequence) : niPppk(sequence),
    name: `${NAMES[sequence]!} Rekaan`,
    titlePrefix: '',
    titleSuffix: 'S.Sos.',
    email: `${key}@rekaan.example`,
    legalStatus: 'Aktif',
    grade: type === 'PNS' ? 'III/c' : type === 'NON_ASN' ? '' : 'IX',
    jabatan,
    unit: unitCode,
    ...more,
  }
}

const staff = (unitCode: string, prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => person(`${prefix}${index + 1}`, unitCode, 'Analis Kebijakan'))

/**
 * The tests' roster: a head, a `plt` (acting head of the second agency, who works in the first), a `camat`
 * and two `lurah`; staff by unit; contract workers; one person without an address, one who is away.
 */
export const testPeople: readonly TestPerson[] = [
  person('kadis', 'DINKES', 'Kepala Dinas Kesehatan', {
    titlePrefix: 'dr.',
    titleSuffix: 'M.Kes.',
    grade: 'IV/c',
  }),
  ...staff('DINKES', 'dinas', 3),
  person('plt', 'DINKES.1', 'Kepala Bidang Pelayanan', { grade: 'IV/a' }),
  ...staff('DINKES.1', 'bidang', 4),
  person('kapus', 'DINKES.2', 'Kepala Puskesmas'),
  person('perawat1', 'DINKES.2', 'Perawat', { type: 'PPPK' }),
  person('perawat2', 'DINKES.2', 'Perawat', { type: 'PPPK_PARUH_WAKTU' }),
  person('sopir', 'DINKES.2', 'Pengemudi', { type: 'NON_ASN' }),
  person('tanpa-surel', 'DINKES.2', 'Bidan', { email: '' }),
  ...staff('BKD', 'badan', 4),
  person('cuti', 'BKD', 'Analis Kebijakan', { legalStatus: 'Cuti di luar tanggungan negara' }),
  person('camat', '74.71.01', 'Camat Melati', { grade: 'IV/a' }),
  ...staff('74.71.01', 'kecamatan', 3),
  person('lurah1', '74.71.01.1001', 'Lurah Anggrek'),
  ...staff('74.71.01.1001', 'anggrek', 3),
  person('lurah2', '74.71.01.1002', 'Lurah Mawar'),
  ...staff('74.71.01.1002', 'mawar', 2),
  person('petugas', '74.71.01.1002', 'Petugas Kebersihan', { type: 'NON_ASN' }),
]

const headNip = (key: string) => testPeople.find((one) => one.key === key)!.identityNumber

/** Two agencies and a kecamatan, each with its gate, and what stands below them. */
export const testUnits: readonly UnitRow[] = [
  unit('DINKES', 'opd', 'Dinas Kesehatan', { headNip: headNip('kadis'), headCapacity: 'definitif' }),
  unit('DINKES.1', 'bidang', 'Bidang Pelayanan', { parentCode: 'DINKES' }),
  unit('DINKES.2', 'puskesmas', 'Puskesmas Melati', { parentCode: 'DINKES' }),
  unit('BKD', 'opd', 'Badan Kepegawaian Daerah', { headNip: headNip('plt'), headCapacity: 'Plt.' }),
  unit('74.71.01', 'kecamatan', 'Kecamatan Melati', { headNip: headNip('camat'), headCapacity: 'definitif' }),
  unit('74.71.01.1001', 'kelurahan', 'Kelurahan Anggrek', { parentCode: '74.71.01' }),
  unit('74.71.01.1002', 'kelurahan', 'Kelurahan Mawar', { parentCode: '74.71.01' }),
]
