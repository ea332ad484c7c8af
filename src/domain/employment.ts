/** How a person is employed. A CPNS is a PNS on probation; PPPK are civil servants on contract. */
export const employmentTypes = ['PNS', 'CPNS', 'PPPK', 'PPPK_PARUH_WAKTU', 'NON_ASN'] as const
export type EmploymentType = (typeof employmentTypes)[number]

export const employmentTypeLabels: Record<EmploymentType, string> = {
  PNS: 'PNS',
  CPNS: 'CPNS',
  PPPK: 'PPPK',
  PPPK_PARUH_WAKTU: 'PPPK Paruh Waktu',
  NON_ASN: 'Non-ASN',
}

/** What the identity number of each type is called on a document. */
export const identityLabels: Record<EmploymentType, 'NIP' | 'NI PPPK' | 'Nomor Perjanjian'> = {
  PNS: 'NIP',
  CPNS: 'NIP',
  PPPK: 'NI PPPK',
  PPPK_PARUH_WAKTU: 'NI PPPK',
  NON_ASN: 'Nomor Perjanjian',
}

/** Kedudukan hukum (legal status) in a closed set; the roster's own words are kept beside it. */
export const legalStatusLabels = {
  AKTIF: 'Aktif',
  CLTN: 'Cuti di luar tanggungan negara',
  TUGAS_BELAJAR: 'Tugas belajar',
  DIBERHENTIKAN_SEMENTARA: 'Diberhentikan sementara',
  PERSIAPAN_PENSIUN: 'Masa persiapan pensiun',
  PENSIUN: 'Pensiun',
  DIBERHENTIKAN: 'Diberhentikan',
  MENINGGAL: 'Meninggal dunia',
  PINDAH: 'Pindah instansi',
  OTHER: 'Lainnya',
} as const
export type LegalStatus = keyof typeof legalStatusLabels
export const legalStatuses = Object.keys(legalStatusLabels) as LegalStatus[]

/** Whether people of this status are at work: the usual rule for who must sign. */
export function isActiveStatus(status: LegalStatus): boolean {
  return status === 'AKTIF'
}

/** What pays a person who is not a civil servant: the state's budget, the region's, or a BLUD's own. */
export const fundingSources = ['APBN', 'APBD', 'BLUD'] as const
export type FundingSource = (typeof fundingSources)[number]

const statusPatterns: readonly (readonly [RegExp, LegalStatus])[] = [
  [/^((C?PNS|PPPK|P3K)( PARUH WAKTU)? )?AKTIF$/, 'AKTIF'], // nearly everyone
  [/MENINGGAL|WAFAT|TEWAS/, 'MENINGGAL'],
  [/PERSIAPAN PENSIUN|\bMPP\b/, 'PERSIAPAN_PENSIUN'],
  [/PENSIUN|\bBUP\b/, 'PENSIUN'],
  [/CUTI DI ?LUAR TANGGUNGAN|\bCLTN\b/, 'CLTN'],
  [/TUGAS BELAJAR/, 'TUGAS_BELAJAR'],
  [/(PEMBERHENTIAN|DIBERHENTIKAN) SEMENTARA|SKORSING/, 'DIBERHENTIKAN_SEMENTARA'],
  [/DIBERHENTIKAN|PEMBERHENTIAN|MENGUNDURKAN DIRI|\bPTDH\b|\bPDH\b/, 'DIBERHENTIKAN'],
  [/PINDAH|MUTASI KELUAR/, 'PINDAH'],
  [/(TIDAK|NON|BELUM)[\s-]*AKTIF/, 'OTHER'],
  [/^((C?PNS|PPPK|P3K)( PARUH WAKTU)? )?AKTIF\b/, 'AKTIF'],
]

/** The code of a kedudukan hukum in words; OTHER when the words are none that we know. */
export function parseLegalStatus(text: string): LegalStatus {
  const words = text.toUpperCase().replace(/\s+/g, ' ').trim()
  return statusPatterns.find(([pattern]) => pattern.test(words))?.[1] ?? 'OTHER'
}
