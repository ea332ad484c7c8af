/**
 * Who may sign in. An employee who signs a pact needs no account: the personal link is enough.
 *
 * - `administrator`: BKPSDM or Kesbangpol; roster, campaigns, accounts, everything
 * - `unit_head`: own unit and everything below it, with names
 * - `bawaslu`: totals without names, and the documents they witness
 * - `witness`: the documents they witness beside Bawaslu, and nothing else
 * - `auditor`: reads everything, changes nothing
 * - `election_desk` (Desk Pemilu): numbers without names, as far as its mandate reaches
 * - `task_force` (Satgas Pengawasan Netralitas): reads names, as far as its mandate reaches
 */
export const roles = [
  'administrator',
  'unit_head',
  'bawaslu',
  'witness',
  'auditor',
  'election_desk',
  'task_force',
] as const
export type Role = (typeof roles)[number]

export const roleLabels: Record<Role, string> = {
  administrator: 'Administrator',
  unit_head: 'Pimpinan unit',
  bawaslu: 'Bawaslu',
  witness: 'Saksi selain Bawaslu',
  auditor: 'Auditor',
  election_desk: 'Tim Desk Pemilu',
  task_force: 'Satgas Pengawasan Netralitas',
}

/** Roles that read by mandate. */
export const teamRoles = ['election_desk', 'task_force'] as const
export type TeamRole = (typeof teamRoles)[number]
export const isTeamRole = (role: Role): role is TeamRole => teamRoles.some((one) => one === role)

/** Roles that may see who has signed and who has not, inside the units that are theirs. */
export const seesNames = (role: Role) => role !== 'bawaslu' && role !== 'election_desk' && role !== 'witness'

/** Roles that sign as a witness. */
export const witnessRoles = ['bawaslu', 'witness'] as const satisfies readonly Role[]

/** What a team reads by; days in ISO 8601. */
export interface Mandate {
  number: string
  date: string
  until: string // the last day
}

/** A person who signed in. */
export interface Account {
  id: number
  pemdaId: number
  role: Role
  name: string
  email: string
  unitId: number | undefined // what a unit head leads, or what a team's mandate is limited to
  mandate: Mandate | null // of a team
  institution: string // "Bawaslu Kota Kendari"
  jabatan: string
}
