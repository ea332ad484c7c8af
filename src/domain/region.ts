/**
 * What a Kemendagri code stands for. `kota` and `kabupaten` are told apart by their number, the three
 * kinds of village by the first digit of theirs.
 */
export const regionKinds = [
  'provinsi',
  'kabupaten',
  'kota',
  'kecamatan',
  'kelurahan',
  'desa',
  'desa_adat',
] as const
export type RegionKind = (typeof regionKinds)[number]

export const regionKindLabels: Record<RegionKind, string> = {
  provinsi: 'Provinsi',
  kabupaten: 'Kabupaten',
  kota: 'Kota',
  kecamatan: 'Kecamatan',
  kelurahan: 'Kelurahan',
  desa: 'Desa',
  desa_adat: 'Desa adat',
}

/** A place as its code tells it; the name is not in the code. */
export interface Region {
  code: string // canonical: "74", "74.71", "74.71.01" or "74.71.01.1005"
  kind: RegionKind
  parentCode: string | undefined // undefined for a provinsi
}

/** The numbers of a code, top down: provinsi, kabupaten or kota, kecamatan, kelurahan or desa. */
export type RegionParts = readonly [number, number?, number?, number?]

// A kota is numbered from 71 within its provinsi, a kabupaten from 01.
const KOTA_FIRST = 71
const PROVINSI_FIRST = 11
const villageKinds: Record<string, RegionKind> = { '1': 'kelurahan', '2': 'desa', '3': 'desa_adat' }

/**
 * A Kemendagri region code: "PP", "PP.KK", "PP.KK.CC" or "PP.KK.CC.DDDD".
 *
 * Dots are required: the ten digits of a BPS code look like a Kemendagri code without dots and mean another
 * place. Names repeat even within one city ("Poasia" is a kecamatan, and a kelurahan of Abeli), so that the
 * code is the only key.
 *
 * @param text as typed; surrounding space is ignored
 * @returns undefined when it cannot be a code
 * @see Kepmendagri 300.2.2-2138/2025, kode wilayah administrasi pemerintahan
 */
export function parseRegion(text: string): Region | undefined {
  const code = text.trim()
  if (!/^\d\d(\.\d\d(\.\d\d(\.[123]\d{3})?)?)?$/.test(code)) return undefined
  const parts = code.split('.')
  if (Number(parts[0]) < PROVINSI_FIRST || parts.some((part) => Number(part) === 0)) return undefined
  const parentCode = parts.length === 1 ? undefined : parts.slice(0, -1).join('.')
  return { code, kind: kindOf(parts), parentCode }
}

function kindOf(parts: string[]): RegionKind {
  if (parts.length === 1) return 'provinsi'
  if (parts.length === 2) return Number(parts[1]) >= KOTA_FIRST ? 'kota' : 'kabupaten'
  if (parts.length === 3) return 'kecamatan'
  return villageKinds[parts[3]![0]!]!
}

/**
 * The code of these numbers: `[74, 71, 1, 1005]` is "74.71.01.1005".
 *
 * @param parts one to four numbers; the first three 1 to 99, the last 1000 to 3999
 */
export function formatRegionCode(parts: RegionParts): string {
  return parts.map((part, index) => String(part).padStart(index === 3 ? 4 : 2, '0')).join('.')
}

/** Whether `code` is `ancestor` or lies within it. */
export function isWithin(code: string, ancestor: string): boolean {
  return code === ancestor || code.startsWith(ancestor + '.')
}
