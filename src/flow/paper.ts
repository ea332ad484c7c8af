import { createHash } from 'node:crypto'
import { formatDate, formatTime } from '../domain/campaign.js'
import { PactError } from '../domain/errors.js'
import { breakCode, type Identity, type NamedPerson, type PactText } from '../domain/pact.js'
import { identityLabels } from '../domain/employment.js'
import { formatRank } from '../domain/grade.js'
import { formatIdentityNumber } from '../domain/nip.js'
import { formatName } from '../domain/roster.js'
import { fillTemplate, formatNumber, type TemplateValues } from '../evidence/filling.js'
import type { TemplateFiles } from '../evidence/presswork.js'
import { type PactTemplate } from '../evidence/template.js'
import { findAccount } from '../store/accounts.js'
import {
  type Campaign,
  type Circular,
  findCampaign,
  findCircular,
  findTemplateVersion,
} from '../store/campaigns.js'
import type { Database } from '../store/db.js'
import { findJointPact, type JointPact } from '../store/joint.js'
import { type FilledValues, findParties, type Pact, type Party } from '../store/pacts.js'
import { type Employee, findEmployee, findUnit, findUnitAncestors, type Unit } from '../store/people.js'
import { findPemda, type Pemda } from '../store/pemdas.js'
import type { House } from './house.js'

/** One pact with everything that its words depend on, as it stands now. */
export interface Paper {
  pact: Pact
  parties: Party[]
  campaign: Campaign
  pemda: Pemda
  employee: Employee | undefined // none on a joint pact
  unit: Unit | undefined // where the signer works
  gate: Unit | undefined // the OPD or kecamatan above it, or that the document is about
  joint: JointPact | undefined
  circular: Circular | undefined // that the signer acknowledges
  template: PactTemplate
  templateFiles: TemplateFiles
  identity: Identity
  number: string
  filled: FilledValues // every placeholder but the moment of signing
  text: PactText // as shown before signing
  textSha256: Buffer
}

// What the page says about the moment of signing until there is one. People agree to these very words.
const BEFORE_SIGNING = { tanggal_panjang: '(tanggal penandatanganan)', jam_zona: '(waktu penandatanganan)' }

/** The moment of signing, as the page states it. */
export function momentValues(at: Date, campaign: Campaign): Record<string, string> {
  return { tanggal_panjang: formatDate(at, campaign.timeZone), jam_zona: formatTime(at, campaign.timeZone) }
}

/** SHA-256 of the words, independent of how they are laid out. */
export function hashText(text: PactText): Buffer {
  return createHash('sha256').update(JSON.stringify(text)).digest()
}

/**
 * Collects a pact's words. Once the signer has agreed they come from what was frozen then; before, from the
 * roster as it is today.
 *
 * @param reader whose copy it is: on a joint pact `identity` is this party's
 */
export async function composePaper(
  house: House,
  db: Database,
  pact: Pact,
  reader?: Pick<Party, 'person'>,
): Promise<Paper> {
  const campaign = (await findCampaign(db, pact.campaignId))!
  const pemda = (await findPemda(db, campaign.pemdaId))!
  if (pact.signerClass === 'JOINT') return composeJoint(house, db, { pact, campaign, pemda, reader })
  if (pact.employeeId === null) return composeDocument(house, db, { pact, campaign, pemda })
  const employee = (await findEmployee(db, pact.employeeId!))!
  const unit = (await findUnit(db, employee.unitId))!
  const gate = unit.gateId === null || unit.gateId === unit.id ? unit : (await findUnit(db, unit.gateId))!
  const parties = await findParties(db, pact.id)
  const { template, templateFiles } = await findTemplate(house, db, pact)
  const headed = pact.signerClass === 'HEAD' ? await headedUnit(db, employee, gate) : gate
  const live: Identity = {
    name: formatName(employee),
    identityLabel: identityLabels[employee.employmentType],
    identityNumber: employee.identityNumber,
    rank: formatRank(employee.grade),
    jabatan: employee.jabatan,
    capacity: headed.headEmployeeId === employee.id ? headed.headCapacity : '',
    unitName: unit.name,
    opdName: headed.name,
    pemdaName: pemda.governmentName,
  }
  const identity = pact.identity ?? live
  const year = yearOf(campaign)
  // Issued once with the pact's ordinal, never used again.
  const number = pact.isRow
    ? UNTIL_CLOSED.nomor_dokumen
    : (pact.number ?? formatNumber(template.page, { urut: pact.ordinal, unit: headed.code, tahun: year }))
  const filled: FilledValues =
    pact.filled ??
    (await fillings(db, { identity, number, campaign, pemda, employee, parties, gate: headed }))
  if (pact.isRow) {
    filled.daftar_pegawai = [
      rowValues({ ordinal: 1, identity, code: pact.code, moment: BEFORE_SIGNING.jam_zona }),
    ]
    Object.assign(filled, UNTIL_CLOSED)
  }
  const text = fillTemplate(template, pick(template, { ...filled, ...BEFORE_SIGNING }))
  return {
    pact,
    parties,
    campaign,
    pemda,
    employee,
    unit,
    gate: headed,
    joint: undefined,
    circular: await findCircular(db, campaign.id),
    template,
    templateFiles,
    identity,
    number,
    filled,
    text,
    textSha256: hashText(text),
  }
}

const yearOf = (campaign: Campaign) =>
  Number(formatDate(campaign.openedAt ?? campaign.createdAt, campaign.timeZone).slice(-4))

async function findTemplate(house: House, db: Database, pact: Pact) {
  const version = await findTemplateVersion(db, pact.templateCode, pact.templateVersion)
  if (!version)
    throw new PactError(
      'BAD_TEMPLATE',
      `template ${pact.templateCode} version ${pact.templateVersion} is missing`,
    )
  const { words, page } = version
  const templateFiles = { words, page, name: `${version.code}/${version.version}` }
  return { template: house.templateOf(version), templateFiles }
}

// A joint pact says the same to everybody, before and after: its day and place are the ceremony's.
async function composeJoint(
  house: House,
  db: Database,
  of: { pact: Pact; campaign: Campaign; pemda: Pemda; reader: Pick<Party, 'person'> | undefined },
): Promise<Paper> {
  const { pact, campaign, pemda } = of
  const parties = await findParties(db, pact.id)
  const joint = (await findJointPact(db, pact.id))!
  const { template, templateFiles } = await findTemplate(house, db, pact)
  const { unit_kode = '', ...words } = joint.words
  const number =
    pact.number ??
    formatNumber(template.page, { urut: pact.ordinal, unit: unit_kode, tahun: yearOf(campaign) })
  const filled = pact.filled ?? fillJoint({ parties, words, number, campaign, pemda })
  const text = fillTemplate(template, pick(template, filled))
  const person = of.reader?.person
  const identity: Identity = {
    name: person?.name ?? pemda.governmentName,
    identityLabel: '',
    identityNumber: '',
    rank: '-',
    jabatan: person ? jabatanOf(person) : '',
    capacity: '',
    unitName: person ? person.region || person.institution : pemda.name,
    opdName: pemda.governmentName,
    pemdaName: pemda.governmentName,
  }
  return {
    ...{ pact, parties, campaign, pemda, employee: undefined, unit: undefined, gate: undefined, joint },
    circular: undefined,
    ...{ template, templateFiles, identity, number, filled, text, textSha256: hashText(text) },
  }
}

// What the words of a collective pact say of its closing until it is closed. Its members agree to these very words.
const UNTIL_CLOSED = {
  nomor_dokumen: '(nomor diberikan saat pakta ditutup)',
  waktu_tutup: '(waktu penutupan)',
  jumlah_penanda_tangan: '(jumlah penanda tangan)',
}

// "Lurah Kadia" says already where.
const jabatanIn = ({ capacity, jabatan, unitName }: Identity) =>
  [capacity, jabatan.includes(unitName) ? jabatan : `${jabatan}, ${unitName}`].filter(Boolean).join(' ')

/** A line of a collective pact's table. */
export const rowValues = (row: { ordinal: number; identity: Identity; code: string; moment: string }) => ({
  urut: String(row.ordinal),
  nama: row.identity.name,
  jabatan: jabatanIn(row.identity),
  waktu: row.moment,
  kode: breakCode(row.code),
})

// A document of a unit says what was frozen when it was made.
async function composeDocument(
  house: House,
  db: Database,
  of: { pact: Pact; campaign: Campaign; pemda: Pemda },
): Promise<Paper> {
  const { pact, campaign, pemda } = of
  const gate = pact.unitId === null ? undefined : await findUnit(db, pact.unitId)
  const { template, templateFiles } = await findTemplate(house, db, pact)
  const filled = pact.filled!
  const text = fillTemplate(template, pick(template, filled))
  const identity: Identity = {
    ...{ name: gate?.name ?? pemda.governmentName, identityLabel: '', identityNumber: '', rank: '-' },
    ...{ jabatan: '', capacity: '', unitName: gate?.name ?? pemda.name },
    ...{ opdName: gate?.name ?? pemda.governmentName, pemdaName: pemda.governmentName },
  }
  return {
    ...{ pact, parties: [], campaign, pemda, employee: undefined, unit: undefined, gate, joint: undefined },
    circular: undefined,
    ...{ template, templateFiles, identity, number: pact.number!, filled, text, textSha256: hashText(text) },
  }
}

/** The position that a party signs in: who stands in for somebody says for whom. */
export const jabatanOf = ({ jabatan, representing }: NamedPerson) =>
  representing ? `${jabatan}, mewakili ${representing.office}` : jabatan

/** What a joint pact's page says: its own words, and a row for each party. */
export function fillJoint(of: {
  parties: readonly { role: Party['role']; person: NamedPerson | null }[]
  words: Record<string, string>
  number: string
  campaign: Campaign
  pemda: Pemda
}): FilledValues {
  const people = (role: Party['role']) =>
    of.parties.flatMap((party) => (party.role === role && party.person ? [party.person] : []))
  return {
    ...of.words,
    nomor_dokumen: of.number,
    nama_pemilihan: of.campaign.electionName,
    dasar_hukum: of.campaign.legalBasis,
    pemerintah_daerah: of.pemda.governmentName,
    tempat: of.pemda.seat,
    daftar_penanda_tangan: people('signer').map((person, index) => ({
      urut: String(index + 1),
      wilayah: person.region,
      nama: person.name,
      jabatan: person.jabatan,
      kedudukan: person.representing ? `mewakili ${person.representing.office}` : 'hadir sendiri',
      dasar_mewakili: person.representing
        ? `${person.representing.mandateNumber}, ${formatIsoDate(person.representing.mandateDate)}`
        : '',
    })),
    daftar_saksi: people('witness').map((person, index) => ({
      urut: String(index + 1),
      nama: person.name,
      jabatan: person.jabatan,
      lembaga: person.institution,
    })),
  }
}

// A day alone has no zone; noon UTC is that day in all three.
/** "17 Oktober 2022" from "2022-10-17". */
export const formatIsoDate = (day: string) => formatDate(new Date(`${day}T12:00:00Z`), 'WIB')

// What every pact of a campaign says alike.
const COMMON_PLACEHOLDERS = [
  'nama_pemilihan',
  'dasar_hukum',
  'pemerintah_daerah',
  'tempat',
  'tempat_acara',
  'tanggal_batas',
]

/** What the words need with the moment of signing in them: what the PDF shows, apart for many pacts and for this one. */
export function valuesAt(paper: Paper, at: Date): { common: TemplateValues; own: TemplateValues } {
  const values = pick(paper.template, { ...paper.filled, ...momentValues(at, paper.campaign) })
  const of = (isCommon: boolean) =>
    Object.fromEntries(
      Object.entries(values).filter(([name]) => COMMON_PLACEHOLDERS.includes(name) === isCommon),
    )
  return { common: of(true), own: of(false) }
}

// A Plt. may head one unit and work in another: the pact is about the unit they head.
async function headedUnit(db: Database, employee: Employee, gate: Unit): Promise<Unit> {
  if (gate.headEmployeeId === employee.id) return gate
  for (const unit of await findUnitAncestors(db, gate)) if (unit.headEmployeeId === employee.id) return unit
  return gate
}

// A template names what it needs; the rest of what we know is not its business.
const pick = (template: PactTemplate, values: FilledValues): FilledValues =>
  Object.fromEntries(
    [...template.placeholders, ...template.optional, ...template.lists.map((list) => list.name)].flatMap(
      (name) => (name in values ? [[name, values[name]!]] : []),
    ),
  )

async function fillings(
  db: Database,
  of: {
    identity: Identity
    number: string
    campaign: Campaign
    pemda: Pemda
    employee: Employee
    parties: Party[]
    gate: Unit
  },
): Promise<Record<string, string>> {
  const { identity, campaign, pemda, employee, parties, gate } = of
  const values: Record<string, string> = {
    nomor_dokumen: of.number,
    nama_pemilihan: campaign.electionName,
    dasar_hukum: campaign.legalBasis,
    nama_lengkap: identity.name,
    label_nomor_induk: identity.identityLabel,
    nomor_induk: formatIdentityNumber(employee.identityNumber),
    label_identitas: identity.identityLabel,
    identitas_tersamar: identity.identityNumber,
    pangkat_golongan: identity.rank,
    kedudukan: identity.capacity,
    jabatan: identity.jabatan,
    pekerjaan: identity.jabatan,
    unit_kerja: identity.unitName,
    perangkat_daerah: identity.opdName,
    nama_unit: identity.opdName,
    pemerintah_daerah: identity.pemdaName,
    sumber_dana: employee.fundingSource ?? '-',
    nomor_perjanjian: employee.contractNumber ?? '-',
    tanggal_perjanjian: employee.contractDate ?? '-',
    cakupan_bawahan:
      gate.kind === 'kecamatan'
        ? 'beserta seluruh kelurahan di bawahnya'
        : 'beserta seluruh unit di bawahnya',
    tanggal_batas: formatDate(campaign.deadline, campaign.timeZone),
    tempat_acara: campaign.eventPlace,
    tempat: pemda.seat,
  }
  const witnesses = parties.filter((party) => party.role === 'witness')
  for (const [index, { accountId }] of witnesses.entries()) {
    const account = (await findAccount(db, accountId!))!
    const end = index === 0 ? '' : `_${index + 1}`
    values[`nama_saksi${end}`] = account.name
    values[`jabatan_saksi${end}`] = account.jabatan
    values[`lembaga_saksi${end}`] = account.institution
  }
  return values
}

/** What brings a second witness onto a head's page. */
export const SECOND_WITNESS = 'nama_saksi_2'
