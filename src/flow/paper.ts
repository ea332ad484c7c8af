import { createHash } from 'node:crypto'
import { formatDate, formatTime } from '../domain/campaign.js'
import { PactError } from '../domain/errors.js'
import type { Identity, PactText } from '../domain/pact.js'
import { identityLabels } from '../domain/employment.js'
import { formatRank } from '../domain/grade.js'
import { formatIdentityNumber } from '../domain/nip.js'
import { formatName } from '../domain/roster.js'
import { fillTemplate, formatNumber, type TemplateValues } from '../evidence/filling.js'
import type { TemplateFiles } from '../evidence/presswork.js'
import { type PactTemplate } from '../evidence/template.js'
import { findAccount } from '../store/accounts.js'
import { type Campaign, findCampaign, findTemplateVersion } from '../store/campaigns.js'
import type { Database } from '../store/db.js'
import { findParties, type Pact, type Party } from '../store/pacts.js'
import { type Employee, findEmployee, findUnit, findUnitAncestors, type Unit } from '../store/people.js'
import { findPemda, type Pemda } from '../store/pemdas.js'
import type { House } from './house.js'

/** One pact with everything that its words depend on, as it stands now. */
export interface Paper {
  pact: Pact
  parties: Party[]
  campaign: Campaign
  pemda: Pemda
  employee: Employee
  unit: Unit // where the signer works
  gate: Unit // the OPD or kecamatan above it
  template: PactTemplate
  templateFiles: TemplateFiles
  identity: Identity
  number: string
  filled: Record<string, string> // every placeholder but the moment of signing
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
 */
export async function composePaper(house: House, db: Database, pact: Pact): Promise<Paper> {
  const campaign = (await findCampaign(db, pact.campaignId))!
  const pemda = (await findPemda(db, campaign.pemdaId))!
  const employee = (await findEmployee(db, pact.employeeId!))!
  const unit = (await findUnit(db, employee.unitId))!
  const gate = unit.gateId === null || unit.gateId === unit.id ? unit : (await findUnit(db, unit.gateId))!
  const parties = await findParties(db, pact.id)
  const version = await findTemplateVersion(db, pact.templateCode, pact.templateVersion)
  if (!version)
    throw new PactError(
      'BAD_TEMPLATE',
      `template ${pact.templateCode} version ${pact.templateVersion} is missing`,
    )
  const template = house.templateOf(version)
  const { words, page } = version
  const templateFiles = { words, page, name: `${version.code}/${version.version}` }
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
  const year = Number(formatDate(campaign.openedAt ?? campaign.createdAt, campaign.timeZone).slice(-4))
  // Issued once with the pact's ordinal, never used again.
  const number =
    pact.number ?? formatNumber(template.page, { urut: pact.ordinal, unit: headed.code, tahun: year })
  const filled =
    pact.filled ??
    (await fillings(db, { identity, number, campaign, pemda, employee, parties, gate: headed }))
  const text = fillTemplate(template, pick(template, { ...filled, ...BEFORE_SIGNING }))
  return {
    pact,
    parties,
    campaign,
    pemda,
    employee,
    unit,
    gate: headed,
    template,
    templateFiles,
    identity,
    number,
    filled,
    text,
    textSha256: hashText(text),
  }
}

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
const pick = (template: PactTemplate, values: Record<string, string>) =>
  Object.fromEntries(
    [...template.placeholders, ...template.optional].flatMap((name) =>
      name in values ? [[name, values[name]!]] : [],
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
  const witness = parties.find((party) => party.role === 'witness')
  if (witness) {
    const account = (await findAccount(db, witness.accountId!))!
    values.nama_saksi = account.name
    values.jabatan_saksi = account.jabatan
    values.lembaga_saksi = account.institution
  }
  return values
}
