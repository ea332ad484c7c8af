import { getDistricts, getRegencies, getVillages } from 'idn-area-data'
import type { UnitKind, UnitRow } from '../src/domain/unit.js'
import type { PemdaStated } from '../src/store/pemdas.js'
import { inventUnorId, kendariPemda, kendariUnits } from './kendari.js'
import { inventRoster, SEED_PEOPLE_COUNT, type SeedRoster } from './people.js'

/** A government of the demonstration: real regions, invented people, addresses that are nobody's. */
export interface SeedGovernment extends PemdaStated {
  parentCode?: string
  domain: string // of its mail addresses
  election: string // "Pemilihan Wali Kota dan Wakil Wali Kota Kendari"
  roster(): Promise<SeedRoster>
}

const SEED = 7471
const SUMBAR = '13'

export const kendari: SeedGovernment = {
  ...kendariPemda,
  domain: 'kendari.example',
  election: 'Pemilihan Wali Kota dan Wakil Wali Kota Kendari',
  roster: async () => inventRoster({ seed: SEED, count: SEED_PEOPLE_COUNT, units: await kendariUnits() }),
}

/** "Kota Pariaman" from "KOTA PARIAMAN". */
export const titleCase = (text: string) =>
  text.toLowerCase().replace(/(?<!\p{L})\p{L}/gu, (letter) => letter.toUpperCase())

/** The 19 kabupaten and kota of Sumatera Barat, in the order of their codes. */
export async function sumbarRegencies(): Promise<{ code: string; name: string }[]> {
  const all = (await getRegencies()).filter((one) => one.province_code === SUMBAR)
  return all
    .map(({ code, name }) => ({ code, name: titleCase(name) }))
    .sort((a, b) => a.code.localeCompare(b.code))
}

const AGENCIES = [
  ['SETDA', 'Sekretariat Daerah', 'Bagian Tata Pemerintahan'],
  ['BKPSDM', 'Badan Kepegawaian dan Pengembangan Sumber Daya Manusia', 'Bidang Mutasi dan Promosi'],
  ['KESBANGPOL', 'Badan Kesatuan Bangsa dan Politik', 'Bidang Politik Dalam Negeri'],
  ['DISDUKCAPIL', 'Dinas Kependudukan dan Pencatatan Sipil', 'Bidang Pelayanan Pendaftaran Penduduk'],
] as const
// The fourth part of a village's code begins with 1 for a kelurahan, with 2 for a desa or nagari.
const isKelurahan = (code: string) => code.split('.')[3]!.startsWith('1')

/** Four agencies, and every kecamatan, kelurahan and desa that the code has. */
async function unitsOf(pemdaCode: string): Promise<UnitRow[]> {
  const units: UnitRow[] = []
  const add = (unit: {
    code: string
    kind: UnitKind
    name: string
    parentCode?: string
    regionCode?: string
  }) =>
    units.push({
      ...{ parentCode: '', regionCode: null, headNip: null, headCapacity: 'kosong' },
      ...{ ...unit, unorId: inventUnorId(`${pemdaCode}/${unit.code}`) },
    })
  for (const [code, name, division] of AGENCIES) {
    add({ code, kind: 'opd', name })
    add({
      code: `${code}.01`,
      kind: division.startsWith('Bagian') ? 'bagian' : 'bidang',
      name: division,
      parentCode: code,
    })
  }
  const districts = (await getDistricts()).filter((one) => one.regency_code === pemdaCode)
  for (const { code, name } of districts)
    add({ code, kind: 'kecamatan', name: `Kecamatan ${name}`, regionCode: code })
  const codes = new Set(districts.map((one) => one.code))
  for (const { code, name, district_code } of await getVillages())
    if (codes.has(district_code)) {
      const kind = isKelurahan(code) ? 'kelurahan' : 'desa'
      const label = kind === 'kelurahan' ? 'Kelurahan' : 'Desa'
      add({ code, kind, name: `${label} ${name}`, parentCode: district_code, regionCode: code })
    }
  return units
}

function government(of: { code: string; name: string; count: number; parentCode?: string }): SeedGovernment {
  const { code, name, count, parentCode } = of
  const seat = name.replace(/^(Kabupaten|Kota|Provinsi) /, '')
  const key = name.toLowerCase().replace(/[^a-z]+/g, '-')
  const office = name.startsWith('Kota') ? 'Wali Kota' : name.startsWith('Provinsi') ? 'Gubernur' : 'Bupati'
  return {
    ...{ code, name, seat, ...(parentCode && { parentCode }), domain: `${key}.example` },
    ...{ governmentName: `Pemerintah ${name}`, shortName: `Pemda ${seat}`, timeZone: 'WIB' },
    letterheadAddress: `Jalan Contoh Nomor 1, ${seat} 00000 (alamat contoh)`,
    contact: `kepegawaian@${key}.example`,
    retention: 'lima tahun setelah pemilihan berakhir',
    election: `Pemilihan ${office} dan Wakil ${office} ${seat}`,
    roster: async () =>
      inventRoster({
        ...{ seed: SEED + Number(code.replaceAll('.', '')), count, domain: `${key}.example` },
        ...{ units: await unitsOf(code), staffedDesaEvery: 9 },
      }),
  }
}

export const sumbar = government({ code: SUMBAR, name: 'Provinsi Sumatera Barat', count: 80 })

export const payakumbuh = government({ code: '13.76', name: 'Kota Payakumbuh', count: 420 })

export const pariaman = government({ code: '13.77', name: 'Kota Pariaman', count: 420 })

/** The province with all that belongs to it. */
export const sumbarWhole = async (): Promise<SeedGovernment[]> => [
  sumbar,
  ...(await sumbarRegencies()).map(({ code, name }) =>
    government({ code, name, count: 140, parentCode: SUMBAR }),
  ),
]

/** What a scenario of the demonstration takes place in; without a name it is Kendari. */
export async function governmentsOf(scenario: string | undefined): Promise<SeedGovernment[] | undefined> {
  const places: Record<string, () => SeedGovernment[] | Promise<SeedGovernment[]>> = {
    kendari: () => [kendari],
    payakumbuh: () => [payakumbuh],
    pariaman: () => [pariaman],
    sumbar: () => [sumbar],
    bukittinggi: sumbarWhole,
  }
  return places[scenario ?? 'kendari']?.()
}
