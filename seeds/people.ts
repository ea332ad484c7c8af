import type { EmploymentType, FundingSource } from '../src/domain/employment.js'
import type { HeadCapacity, UnitKind, UnitRow } from '../src/domain/unit.js'
import { familyNames, femaleNames, maleNames } from './names.js'

/** An invented person with what a roster says about them. */
export interface SeedPerson {
  identityNumber: string // NIP, NI PPPK, or contract number
  type: EmploymentType
  name: string
  titlePrefix: string
  titleSuffix: string
  sex: 'male' | 'female'
  birthDate: string // ISO 8601; '' for a non-ASN
  appointed: string // ISO 8601
  email: string
  emailGov: string
  phone: string
  legalStatusText: string
  grade: string
  jabatan: string
  jenisJabatan: 'Struktural' | 'Fungsional' | 'Pelaksana'
  eselon: string // "II.b" or ''
  unit: UnitRow
  fundingSource: FundingSource | ''
}

/** What `inventRoster` makes: people, and the units with their heads. */
export interface SeedRoster {
  units: UnitRow[]
  people: SeedPerson[]
}

/** The shares of a city: PNS 3,600, PPPK 1,300, PPPK Paruh Waktu 250, non-ASN 200. */
export const SEED_PEOPLE_COUNT = 5_350
const SHARES: readonly (readonly [EmploymentType, number])[] = [
  ['PPPK', 1_300 / SEED_PEOPLE_COUNT],
  ['PPPK_PARUH_WAKTU', 250 / SEED_PEOPLE_COUNT],
  ['NON_ASN', 200 / SEED_PEOPLE_COUNT],
]
/** Below this there are not enough people for a head of every agency and kecamatan. */
export const SEED_PEOPLE_COUNT_MIN = 80
/** The agency without a head, and the kecamatan that its secretary leads as Plt. */
export const VACANT_UNIT = 'DKP'
export const ACTING_UNIT = '74.71.11'
const YEAR = 2026
const SEQUENCE_FIRST = 901

/** Numbers in [0, 1) that depend on the seed alone. @see mulberry32, Tommy Ettinger, public domain */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A post at the top of a unit, filled before anybody else is invented. */
interface Post {
  unit: UnitRow
  jabatan: string
  eselon: string // '' for a teacher or doctor who leads on top of the own profession
  grades: readonly string[]
  isHead: boolean
}

const headTitle = (unit: UnitRow): string => {
  if (unit.code === 'SETDA') return 'Sekretaris Daerah'
  if (unit.code === 'SETWAN') return 'Sekretaris DPRD'
  if (unit.code === 'ITDA') return 'Inspektur'
  if (unit.code === 'DINKES.RSUD') return 'Direktur RSUD Kota Kendari'
  if (unit.kind === 'kecamatan') return unit.name.replace('Kecamatan', 'Camat')
  if (unit.kind === 'kelurahan') return unit.name.replace('Kelurahan', 'Lurah')
  if (unit.name === 'Sekretariat') return 'Sekretaris'
  return unit.name.startsWith('Inspektur') ? unit.name : `Kepala ${unit.name}`
}

const headRanks: Record<UnitKind, readonly [eselon: string, grades: readonly string[]]> = {
  opd: ['II.b', ['IV/b', 'IV/c']],
  kecamatan: ['III.a', ['IV/a', 'IV/b']],
  bagian: ['III.a', ['III/d', 'IV/a']],
  bidang: ['III.b', ['III/d', 'IV/a']],
  rumah_sakit: ['III.a', ['IV/b', 'IV/c']],
  uptd: ['IV.a', ['III/c', 'III/d']],
  kelurahan: ['IV.a', ['III/c', 'III/d']],
  puskesmas: ['', ['III/d', 'IV/a']],
  sekolah: ['', ['IV/a', 'IV/b']],
  desa: ['', []],
}

function listPosts(units: readonly UnitRow[]): Post[] {
  const gates: Post[] = []
  const others: Post[] = []
  for (const unit of units) {
    const [eselon, grades] = headRanks[unit.kind]
    const head = {
      unit,
      jabatan: headTitle(unit),
      eselon: unit.code === 'SETDA' ? 'II.a' : eselon,
      grades,
      isHead: true,
    }
    const isGate = unit.kind === 'opd' || unit.kind === 'kecamatan'
    if (isGate) {
      const isVacant = unit.code === VACANT_UNIT || unit.code === ACTING_UNIT
      if (!isVacant) gates.push(head)
      // A desa's head is elected and no civil servant.
    } else if (unit.kind !== 'desa')
      others.push(unit.name === 'Sekretariat' ? { ...head, eselon: 'III.a' } : head)
    if (unit.kind === 'kecamatan') {
      const secretary = {
        unit,
        jabatan: `Sekretaris ${unit.name}`,
        eselon: 'III.b',
        grades: ['III/d', 'IV/a'],
      }
      const list = unit.code === ACTING_UNIT ? gates : others
      list.push({ ...secretary, isHead: unit.code === ACTING_UNIT })
    }
    if (unit.kind === 'kelurahan') {
      const grades = ['III/b', 'III/c']
      others.push({ unit, jabatan: `Sekretaris ${unit.name}`, eselon: 'IV.b', grades, isHead: false })
      others.push({ unit, jabatan: 'Kepala Seksi Pemerintahan', eselon: 'IV.b', grades, isHead: false })
    }
  }
  return [...gates, ...others]
}

/** A position of the many: its name, and golongan of a PNS and of a PPPK. */
type Position = readonly [
  jabatan: string,
  pns: readonly string[],
  pppk: string,
  kind: SeedPerson['jenisJabatan'],
]
const clerk: readonly Position[] = [
  ['Pengadministrasi Perkantoran', ['II/b', 'II/c', 'II/d'], 'V', 'Pelaksana'],
  ['Pengolah Data dan Informasi', ['II/d', 'III/a'], 'VII', 'Pelaksana'],
  ['Penelaah Teknis Kebijakan', ['III/a', 'III/b', 'III/c'], 'IX', 'Pelaksana'],
  ['Penata Layanan Operasional', ['III/a', 'III/b'], 'IX', 'Pelaksana'],
  ['Pengelola Layanan Operasional', ['II/c', 'II/d'], 'VII', 'Pelaksana'],
]
const expert: readonly Position[] = [
  ['Analis Kebijakan Ahli Muda', ['III/c', 'III/d'], 'XI', 'Fungsional'],
  ['Perencana Ahli Pertama', ['III/a', 'III/b'], 'IX', 'Fungsional'],
  ['Pranata Komputer Ahli Pertama', ['III/a', 'III/b'], 'IX', 'Fungsional'],
  ['Arsiparis Terampil', ['II/c', 'II/d'], 'VII', 'Fungsional'],
  ['Analis Sumber Daya Manusia Aparatur Ahli Muda', ['III/c', 'III/d'], 'XI', 'Fungsional'],
]
const health: readonly Position[] = [
  ['Perawat Terampil', ['II/c', 'II/d'], 'VII', 'Fungsional'],
  ['Perawat Ahli Pertama', ['III/a', 'III/b'], 'IX', 'Fungsional'],
  ['Bidan Mahir', ['III/a', 'III/b'], 'VII', 'Fungsional'],
  ['Bidan Terampil', ['II/c', 'II/d'], 'VII', 'Fungsional'],
  ['Dokter Ahli Pertama', ['III/b'], 'X', 'Fungsional'],
  ['Dokter Gigi Ahli Muda', ['III/c', 'III/d'], 'XI', 'Fungsional'],
  ['Apoteker Ahli Pertama', ['III/a', 'III/b'], 'IX', 'Fungsional'],
  ['Nutrisionis Terampil', ['II/c', 'II/d'], 'VII', 'Fungsional'],
  ['Tenaga Sanitasi Lingkungan Terampil', ['II/c', 'II/d'], 'VII', 'Fungsional'],
  ['Pranata Laboratorium Kesehatan Terampil', ['II/c', 'II/d'], 'VII', 'Fungsional'],
  ['Perekam Medis Terampil', ['II/c', 'II/d'], 'VII', 'Fungsional'],
]
const school: readonly Position[] = [
  ['Guru Ahli Pertama', ['III/a', 'III/b'], 'IX', 'Fungsional'],
  ['Guru Ahli Pertama', ['III/a', 'III/b'], 'IX', 'Fungsional'],
  ['Guru Ahli Muda', ['III/c', 'III/d'], 'XI', 'Fungsional'],
  ['Guru Ahli Madya', ['IV/a', 'IV/b'], 'XIII', 'Fungsional'],
  ['Pengadministrasi Perkantoran', ['II/b', 'II/c'], 'V', 'Pelaksana'],
]
const positionsOf = (unit: UnitRow): readonly Position[] => {
  if (unit.kind === 'puskesmas' || unit.kind === 'rumah_sakit') return health
  if (unit.kind === 'sekolah') return school
  if (unit.parentCode === 'ITDA')
    return [...clerk, ['Auditor Ahli Muda', ['III/c', 'III/d'], 'XI', 'Fungsional']]
  if (unit.parentCode === 'SATPOLPP')
    return [...clerk, ['Polisi Pamong Praja Terampil', ['II/b', 'II/c'], 'VII', 'Fungsional']]
  return unit.kind === 'kelurahan' || unit.kind === 'kecamatan' ? clerk : [...clerk, ...expert]
}
const jobs = [
  'Tenaga Kebersihan',
  'Pengemudi',
  'Petugas Keamanan',
  'Operator Komputer',
  'Tenaga Administrasi',
  'Pramusaji',
]

// How many staff a unit has, relative to the others.
const weights: Record<UnitKind, number> = {
  opd: 0,
  bagian: 9,
  bidang: 8,
  uptd: 8,
  puskesmas: 36,
  rumah_sakit: 320,
  sekolah: 23,
  kecamatan: 16,
  kelurahan: 6,
  desa: 0,
}

/**
 * An invented roster, the same for the same seed, count and units.
 *
 * @param options.count people in all, non-ASN included; at least 80
 * @param options.units as `kendariUnits` returns them
 * @param options.domain of official addresses, kendari.example unless said
 * @param options.staffedDesaEvery each so many-th desa has a civil servant; none unless said, as in most of them
 * @returns people in the order of importance, heads of agencies and kecamatan first; units with their heads
 */
export function inventRoster(options: {
  seed: number
  count: number
  units: readonly UnitRow[]
  domain?: string
  staffedDesaEvery?: number
}): SeedRoster {
  const { seed, count } = options
  if (count < SEED_PEOPLE_COUNT_MIN)
    throw new RangeError(`${count} people, want at least ${SEED_PEOPLE_COUNT_MIN}`)
  const inventor = new Inventor(randomFrom(seed), options.domain ?? 'kendari.example')
  const units = options.units.map((unit) => ({ ...unit }))
  const quota = new Map(SHARES.map(([type, share]) => [type, Math.round(share * count)]))
  const others = [...quota.values()].reduce((sum, one) => sum + one, 0)
  const posts = listPosts(units).slice(0, count - others)
  const people = posts.map((post) => {
    const person = inventor.official(post)
    const capacity: HeadCapacity = post.unit.code === ACTING_UNIT ? 'Plt.' : 'definitif'
    if (post.isHead) Object.assign(post.unit, { headNip: person.identityNumber, headCapacity: capacity })
    return person
  })
  const { staffedDesaEvery } = options
  const desa = units.filter((unit) => unit.kind === 'desa')
  const isStaffed = (unit: UnitRow) =>
    staffedDesaEvery !== undefined && desa.indexOf(unit) % staffedDesaEvery === staffedDesaEvery - 1
  const places = units.flatMap((unit) =>
    Array<UnitRow>(weights[unit.kind] + (unit.kind === 'desa' && isStaffed(unit) ? 2 : 0)).fill(unit),
  )
  const types: EmploymentType[] = Array<EmploymentType>(count - others - posts.length).fill('PNS')
  for (const [type, number] of quota) types.push(...Array<EmploymentType>(number).fill(type))
  for (const type of types) people.push(inventor.staff(inventor.pick(places), type))
  return { units, people }
}

class Inventor {
  private readonly sequences = new Map<string, number>()
  private serial = 0

  constructor(
    private readonly random: () => number,
    private readonly domain: string,
  ) {}

  pick<One>(list: readonly One[]): One {
    return list[Math.floor(this.random() * list.length)]!
  }

  official(post: Post): SeedPerson {
    const { unit } = post
    const isDoctor = unit.kind === 'puskesmas' || unit.kind === 'rumah_sakit'
    const jabatan =
      post.eselon === '' && unit.kind === 'sekolah' ? `Guru Ahli Madya / ${post.jabatan}` : post.jabatan
    const person = this.person({ type: 'PNS', unit, bornFrom: 1969, bornTo: 1984 })
    return {
      ...person,
      ...this.titles(unit.kind === 'sekolah' ? 'S.Pd., M.Pd.' : this.pick(['M.Si.', 'M.M.', 'M.A.P.'])),
      ...(isDoctor && { titlePrefix: 'dr.', titleSuffix: 'M.Kes.' }),
      jabatan,
      jenisJabatan: post.eselon === '' ? 'Fungsional' : 'Struktural',
      eselon: post.eselon,
      grade: this.pick(post.grades),
      legalStatusText: 'Aktif',
      // A head whose mail does not arrive would stop a whole unit of the demonstration.
      emailGov: `${this.mailbox(person.name)}@${this.domain}`,
    }
  }

  staff(unit: UnitRow, type: EmploymentType): SeedPerson {
    const [jabatan, pnsGrades, pppkGrade, jenisJabatan] = this.pick(positionsOf(unit))
    const isPns = type === 'PNS'
    const isYoung = isPns && this.random() < 0.04
    const person = this.person({
      type: isYoung ? 'CPNS' : type,
      unit,
      bornFrom: isYoung ? 1992 : 1968,
      bornTo: 2001,
    })
    if (type === 'NON_ASN') {
      const fundingSource =
        unit.kind === 'rumah_sakit' ? 'BLUD' : this.pick(['APBD', 'APBD', 'APBD', 'APBN'] as const)
      return { ...person, jabatan: this.pick(jobs), jenisJabatan: 'Pelaksana', fundingSource }
    }
    const grade = isYoung ? pnsGrades[0]! : isPns ? this.pick(pnsGrades) : type === 'PPPK' ? pppkGrade : ''
    const degree = /Dokter/.test(jabatan)
      ? ''
      : jenisJabatan === 'Fungsional'
        ? this.degreeOf(jabatan)
        : this.pick(['', 'S.E.', 'S.Sos.', 'A.Md.'])
    return {
      ...person,
      ...this.titles(degree),
      ...(/Dokter/.test(jabatan) && { titlePrefix: /Gigi/.test(jabatan) ? 'drg.' : 'dr.' }),
      jabatan,
      jenisJabatan,
      grade,
      legalStatusText: isPns ? this.legalStatus() : 'PPPK Aktif',
    }
  }

  private degreeOf(jabatan: string): string {
    if (/Guru/.test(jabatan)) return 'S.Pd.'
    if (/Perawat Ahli/.test(jabatan)) return 'S.Kep., Ns.'
    if (/Apoteker/.test(jabatan)) return 'S.Farm., Apt.'
    if (/Komputer/.test(jabatan)) return 'S.Kom.'
    return /Terampil|Mahir/.test(jabatan) ? 'A.Md.' : 'S.E.'
  }

  private titles(suffix: string) {
    const hasPrefix = suffix.includes('M.') && this.random() < 0.35
    return { titlePrefix: hasPrefix ? this.pick(['Drs.', 'Ir.', 'H.', 'Dr.']) : '', titleSuffix: suffix }
  }

  private legalStatus(): string {
    const chance = this.random()
    if (chance < 0.004) return 'CLTN'
    if (chance < 0.012) return 'Tugas Belajar'
    if (chance < 0.013) return 'Pemberhentian Sementara'
    return chance < 0.015 ? 'Masa Persiapan Pensiun' : 'Aktif'
  }

  private person(about: {
    type: EmploymentType
    unit: UnitRow
    bornFrom: number
    bornTo: number
  }): SeedPerson {
    const { type, unit } = about
    this.serial++
    const sex = this.random() < 0.5 ? 'male' : 'female'
    const born = about.bornFrom + Math.floor(this.random() * (about.bornTo - about.bornFrom + 1))
    const two = (number: number) => String(number).padStart(2, '0')
    const birthDate = `${born}-${two(1 + Math.floor(this.random() * 12))}-${two(1 + Math.floor(this.random() * 28))}`
    const name = this.name(sex)
    const appointed = this.appointment(type, born)
    const emails = this.emails(name)
    return {
      identityNumber: type === 'NON_ASN' ? this.contract() : this.number({ type, birthDate, appointed, sex }),
      type,
      name,
      titlePrefix: '',
      titleSuffix: '',
      sex,
      birthDate: type === 'NON_ASN' ? '' : birthDate,
      appointed,
      ...emails,
      phone: `0800000${String(this.serial).padStart(5, '0')}`,
      legalStatusText: '',
      grade: '',
      jabatan: '',
      jenisJabatan: 'Pelaksana',
      eselon: '',
      unit,
      fundingSource: '',
    }
  }

  private name(sex: 'male' | 'female'): string {
    const given = sex === 'male' ? maleNames : femaleNames
    const first = this.pick(given)
    const second = this.random() < 0.45 ? ` ${this.pick(given.filter((one) => one !== first))}` : ''
    return `${first}${second} ${this.pick(familyNames)}`.toUpperCase()
  }

  private appointment(type: EmploymentType, born: number): string {
    const month = (from: number) => String(from + Math.floor(this.random() * 12)).padStart(2, '0')
    if (type === 'CPNS') return '2025-06-01'
    if (type === 'NON_ASN') return `${YEAR}-01-02`
    if (type === 'PPPK_PARUH_WAKTU') return '2025-10-01'
    const earliest = type === 'PPPK' ? 2021 : Math.max(1990, born + 20)
    const latest = type === 'PPPK' ? 2025 : Math.min(2024, born + 36)
    return `${earliest + Math.floor(this.random() * (Math.max(latest, earliest) - earliest + 1))}-${month(1)}-01`
  }

  private number(about: {
    type: EmploymentType
    birthDate: string
    appointed: string
    sex: 'male' | 'female'
  }): string {
    const isPppk = about.type === 'PPPK' || about.type === 'PPPK_PARUH_WAKTU'
    const year = about.appointed.slice(0, 4)
    const middle = isPppk
      ? about.type === 'PPPK' && this.random() < 0.15
        ? '22'
        : '21'
      : about.appointed.slice(5, 7)
    const stem = about.birthDate.replaceAll('-', '') + year + middle + (about.sex === 'male' ? '1' : '2')
    const sequence = this.sequences.get(stem) ?? SEQUENCE_FIRST
    this.sequences.set(stem, sequence + 1)
    return stem + sequence
  }

  private contract(): string {
    return `814.1/${String(this.serial).padStart(4, '0')}/CONTOH/${YEAR}`
  }

  private mailbox(name: string): string {
    return `${name.toLowerCase().split(' ').slice(0, 2).join('.')}${this.serial}`
  }

  /** Mostly a private address, often an official one too; about one in a hundred cannot be reached. */
  private emails(name: string): Pick<SeedPerson, 'email' | 'emailGov'> {
    const mailbox = this.mailbox(name)
    const chance = this.random()
    if (chance < 0.006) return { email: '', emailGov: '' }
    if (chance < 0.01)
      return { email: this.pick([`${mailbox}@surel`, `${mailbox} surel.example`, 'tidak ada']), emailGov: '' }
    const emailGov = this.random() < 0.5 ? `${mailbox}@${this.domain}` : ''
    return { email: emailGov === '' || this.random() < 0.9 ? `${mailbox}@surel.example` : '', emailGov }
  }
}
