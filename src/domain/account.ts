/**
 * Who may sign in. An employee who signs a pact needs no account: the personal link is enough.
 *
 * - `administrator`: BKPSDM or Kesbangpol; roster, campaigns, accounts, everything
 * - `unit_head`: own unit and everything below it, with names
 * - `bawaslu`: totals without names, and the documents they witness
 * - `auditor`: reads everything, changes nothing
 */
export const roles = ['administrator', 'unit_head', 'bawaslu', 'auditor'] as const
export type Role = (typeof roles)[number]

export const roleLabels: Record<Role, string> = {
  administrator: 'Administrator',
  unit_head: 'Pimpinan unit',
  bawaslu: 'Bawaslu',
  auditor: 'Auditor',
}

/** A person who signed in. */
export interface Account {
  id: number
  pemdaId: number
  role: Role
  name: string
  email: string
  unitId: number | undefined // unit heads only
  institution: string // "Bawaslu Kota Kendari"
  jabatan: string
}
