// The parties of an invented joint pact, and the list that an administrator uploads.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { jointColumns, type JointParty } from '../src/domain/joint.js'

export const signer = (
  index: number,
  representing: JointParty['person']['representing'] = null,
): JointParty => ({
  role: 'signer',
  person: {
    ...{
      name: `Kepala Daerah ${index}`,
      jabatan: representing ? 'Sekretaris Daerah' : 'Bupati',
      institution: '',
    },
    ...{ region: `Kabupaten Rekaan ${index}`, email: `bupati${index}@rekaan.example`, representing },
  },
})
export const witness = (index: number): JointParty => ({
  role: 'witness',
  person: {
    ...{ name: `Saksi ${index}`, jabatan: 'Anggota', region: '', institution: 'Bawaslu Provinsi Rekaan' },
    ...{ email: `saksi${index}@rekaan.example`, representing: null },
  },
})
export const mandate = { office: 'Bupati', mandateNumber: '800/12/2026', mandateDate: '2027-01-30' }

/** @returns the file's path */
export function writeLines(folder: string, lines: readonly (readonly string[])[]): string {
  const path = join(folder, 'pihak.csv')
  writeFileSync(path, lines.map((line) => line.map((cell) => `"${cell}"`).join(';')).join('\r\n'))
  return path
}

/** A party as the list has it. */
export const lineOf = ({ role, person }: JointParty) => [
  role === 'signer' ? 'pihak' : 'saksi',
  ...[person.region, person.name, person.jabatan, person.institution, person.email],
  ...[person.representing?.office ?? '', person.representing?.mandateNumber ?? ''],
  person.representing?.mandateDate ?? '',
]

/** @returns the file's path */
export const writeParties = (folder: string, parties: readonly JointParty[]) =>
  writeLines(folder, [[...jointColumns], ...parties.map(lineOf)])
