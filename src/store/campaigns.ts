import type {
  CampaignState,
  ElectionKind,
  ExclusionReason,
  MailPolicy,
  SigningRule,
  TimeZone,
} from '../domain/campaign.js'
import type { GateState } from '../domain/coverage.js'
import { type PactClass, type SignerClass, signerClasses, type TemplateUse } from '../domain/pact.js'
import { type Database, refreshStatistics, row, rows } from './db.js'

export interface Campaign {
  id: number
  pemdaId: number
  name: string
  electionKind: ElectionKind
  electionName: string
  legalBasisId: number
  legalBasis: string
  timeZone: TimeZone
  deadline: Date
  eventPlace: string
  requiredLegalStatuses: string[]
  mailPolicy: MailPolicy
  state: CampaignState
  createdAt: Date
  openedAt: Date | null
  closedAt: Date | null
  parentId: number | null // the campaign of the government above that it counts into
  shared: 'total' | 'units' // what that government sees of it
  secondWitnessId: number | null // beside Bawaslu, on the pacts of all heads
}

const CAMPAIGN = `campaign.id, campaign.pemda_id as "pemdaId", campaign.name, election_kind as "electionKind",
  election_name as "electionName", legal_basis_id as "legalBasisId", legal_basis.words as "legalBasis",
  campaign.time_zone as "timeZone", deadline, event_place as "eventPlace",
  required_legal_statuses as "requiredLegalStatuses", mail_policy as "mailPolicy", state,
  campaign.created_at as "createdAt", opened_at as "openedAt", closed_at as "closedAt",
  campaign.parent_id as "parentId", shared, second_witness_id as "secondWitnessId"`
const FROM = `from campaign join legal_basis on legal_basis.id = legal_basis_id`

export interface TemplateVersion {
  code: string
  version: number
  signerClass: TemplateUse
  sha256: Uint8Array
  words: string
  page: string
  releasedAt: Date
}

const TEMPLATE = `code, version, signer_class as "signerClass", sha256, words, page, released_at as "releasedAt"`

/** Releases a template version; one that is already released stays as it is. */
export async function insertTemplateVersion(
  db: Database,
  made: Omit<TemplateVersion, 'releasedAt'> & { now: Date },
): Promise<void> {
  await rows(
    db,
    `insert into template_version (code, version, signer_class, sha256, words, page, released_at)
     values (:code, :version, :signerClass, :sha256, :words, :page, :now)
     on conflict (code, version) do nothing`,
    made,
  )
}

export function findTemplateVersions(db: Database) {
  return rows<TemplateVersion>(db, `select ${TEMPLATE} from template_version order by code, version desc`)
}

export function findTemplateVersion(db: Database, code: string, version: number) {
  return row<TemplateVersion>(
    db,
    `select ${TEMPLATE} from template_version where code = :code and version = :version`,
    { code, version },
  )
}

/** An uploaded template that is not released. */
export interface TemplateDraft {
  id: number
  words: string
  page: string
  createdAt: Date
}

const DRAFT = `id, words, page, created_at as "createdAt"`

export async function insertTemplateDraft(
  db: Database,
  made: { pemdaId: number; accountId: number; words: string; page: string; now: Date },
): Promise<number> {
  const found = await row<{ id: number }>(
    db,
    `insert into template_draft (pemda_id, account_id, words, page, created_at)
     values (:pemdaId, :accountId, :words, :page, :now) returning id`,
    made,
  )
  return found!.id
}

export function findTemplateDrafts(db: Database, pemdaId: number) {
  return rows<TemplateDraft>(
    db,
    `select ${DRAFT} from template_draft where pemda_id = :pemdaId order by id`,
    {
      pemdaId,
    },
  )
}

/** Takes a draft away and returns it; undefined when it is gone or another pemda's. */
export function deleteTemplateDraft(db: Database, which: { id: number; pemdaId: number }) {
  return row<TemplateDraft>(
    db,
    `delete from template_draft where id = :id and pemda_id = :pemdaId returning ${DRAFT}`,
    which,
  )
}

/** Releases a version of the legal basis; a released one stays as it is. */
export async function insertLegalBasis(db: Database, made: { version: number; words: string; now: Date }) {
  await rows(
    db,
    `insert into legal_basis (version, words, released_at) values (:version, :words, :now)
     on conflict (version) do nothing`,
    made,
  )
}

export function findLegalBases(db: Database) {
  return rows<{ id: number; version: number; words: string }>(
    db,
    `select id, version, words from legal_basis order by version desc`,
  )
}

export async function insertCampaign(
  db: Database,
  made: Omit<Campaign, 'id' | 'legalBasis' | 'state' | 'openedAt' | 'closedAt' | 'parentId' | 'shared'> & {
    templates: Record<SignerClass, { code: string; version: number }>
    rules: Record<SignerClass, SigningRule>
    units: { unitId: number; witnessAccountId: number | undefined }[]
  },
): Promise<number> {
  const { id } = (await row<{ id: number }>(
    db,
    `insert into campaign (pemda_id, name, election_kind, election_name, legal_basis_id, time_zone, deadline,
       event_place, required_legal_statuses, mail_policy, second_witness_id, state, created_at)
     values (:pemdaId, :name, :electionKind, :electionName, :legalBasisId, :timeZone, :deadline, :eventPlace,
       :requiredLegalStatuses::text[], :mailPolicy::jsonb, :secondWitnessId, 'draft', :createdAt)
     returning id`,
    { ...made, mailPolicy: JSON.stringify(made.mailPolicy) },
  ))!
  for (const signerClass of signerClasses) {
    const { code, version } = made.templates[signerClass]
    const { ownKey, code: needsCode } = made.rules[signerClass]
    await rows(
      db,
      `insert into campaign_template (campaign_id, signer_class, template_code, template_version, own_key_required,
         code_required)
       values (:id, :signerClass, :code, :version, :ownKey, :needsCode)`,
      { id, signerClass, code, version, ownKey, needsCode },
    )
  }
  await rows(
    db,
    `insert into campaign_unit (campaign_id, unit_id, witness_account_id)
     select :id, "unitId", "witnessAccountId"
     from jsonb_to_recordset(:units::jsonb) as chosen ("unitId" integer, "witnessAccountId" integer)`,
    { id, units: JSON.stringify(made.units) },
  )
  await refreshStatistics(db, ['campaign', 'campaign_unit'])
  return id
}

/** Lets a campaign count into one of the government above, or no longer (`parentId` null). */
export async function setCampaignParent(
  db: Database,
  which: { id: number; parentId: number | null; shared: Campaign['shared'] },
): Promise<void> {
  await rows(db, 'update campaign set parent_id = :parentId, shared = :shared where id = :id', which)
}

export function findCampaigns(db: Database, pemdaId: number) {
  return rows<Campaign>(
    db,
    `select ${CAMPAIGN} ${FROM} where campaign.pemda_id = :pemdaId order by campaign.id desc`,
    { pemdaId },
  )
}

export function findCampaign(db: Database, id: number) {
  return row<Campaign>(db, `select ${CAMPAIGN} ${FROM} where campaign.id = :id`, { id })
}

export function findOpenCampaigns(db: Database) {
  return rows<Campaign>(db, `select ${CAMPAIGN} ${FROM} where state = 'open' order by campaign.id`)
}

export async function findCampaignTemplates(db: Database, campaignId: number) {
  return rows<{ signerClass: SignerClass; code: string; version: number; rule: SigningRule }>(
    db,
    `select signer_class as "signerClass", template_code as code, template_version as version, ${RULE} as rule
     from campaign_template where campaign_id = :campaignId`,
    { campaignId },
  )
}

const RULE = `json_build_object('ownKey', own_key_required, 'code', code_required)`

/** What a campaign demands of a class of signers. */
export async function findSigningRule(
  db: Database,
  campaignId: number,
  signerClass: PactClass,
): Promise<SigningRule> {
  const found = await row<{ rule: SigningRule }>(
    db,
    `select ${RULE} as rule from campaign_template where campaign_id = :campaignId and signer_class = :signerClass`,
    { campaignId, signerClass },
  )
  // A joint document is in no class of the campaign: its parties bring the key they have.
  return found?.rule ?? { ownKey: false, code: false }
}

/** The circular (surat edaran) that everybody acknowledges when they sign. */
export interface Circular {
  number: string
  title: string
  issuedOn: string // ISO 8601 day
  sha256: Uint8Array
  sizeBytes: number
}

/** Attaches a circular, or another in its place. */
export async function saveCircular(
  db: Database,
  made: Circular & { campaignId: number; accountId: number; now: Date },
): Promise<void> {
  await rows(
    db,
    `insert into circular (campaign_id, number, title, issued_on, sha256, size_bytes, account_id, at)
     values (:campaignId, :number, :title, :issuedOn, :sha256, :sizeBytes, :accountId, :now)
     on conflict (campaign_id) do update
     set number = excluded.number, title = excluded.title, issued_on = excluded.issued_on,
       sha256 = excluded.sha256, size_bytes = excluded.size_bytes, account_id = excluded.account_id, at = excluded.at`,
    made,
  )
}

export function findCircular(db: Database, campaignId: number) {
  return row<Circular>(
    db,
    `select number, title, issued_on::text as "issuedOn", sha256, size_bytes as "sizeBytes"
     from circular where campaign_id = :campaignId`,
    { campaignId },
  )
}

/** Closed campaigns whose units have no recapitulation of that closing yet, once no signature is under way in them. */
export function findRecapDue(db: Database) {
  return rows<Campaign>(
    db,
    `select ${CAMPAIGN} ${FROM}
     where state = 'closed' and (recapped_at is null or recapped_at < closed_at)
       and not exists (
         select from pact left join party on party.pact_id = pact.id and party.state = 'agreed'
         where pact.campaign_id = campaign.id and (pact.state = 'complete' or party.id is not null))
     order by closed_at`,
  )
}

export async function markRecapped(db: Database, which: { campaignId: number; now: Date }): Promise<void> {
  await rows(db, 'update campaign set recapped_at = :now where id = :campaignId', which)
}

/** Moves a campaign on; false when it was not in a state it may leave. */
export async function moveCampaign(
  db: Database,
  move: { id: number; from: CampaignState; to: CampaignState; now: Date },
): Promise<boolean> {
  const moved = await row(
    db,
    `update campaign
     set state = :to,
       opened_at = case when :to::text = 'open' then coalesce(opened_at, :now::timestamptz) else opened_at end,
       closed_at = case when :to::text = 'closed' then :now::timestamptz end
     where id = :id and state = :from
     returning id`,
    move,
  )
  return moved !== undefined
}

export interface Gate {
  campaignId: number
  unitId: number
  code: string
  kind: string
  name: string
  path: string
  headEmployeeId: number | null
  headCapacity: string
  witnessAccountId: number | null
  openedAt: Date | null
  overriddenAt: Date | null
  overrideReason: string | null
  headPactId: number | null
  headPactState: string | null
  headAgreedAt: Date | null
  state: GateState
}

const GATE = `campaign_id as "campaignId", unit_id as "unitId", code, kind, name, path,
  head_employee_id as "headEmployeeId", head_capacity as "headCapacity", witness_account_id as "witnessAccountId",
  opened_at as "openedAt", overridden_at as "overriddenAt", override_reason as "overrideReason",
  head_pact_id as "headPactId", head_pact_state as "headPactState", head_agreed_at as "headAgreedAt", state`

export function findGates(db: Database, campaignId: number) {
  return rows<Gate>(db, `select ${GATE} from gate_fact where campaign_id = :campaignId order by code`, {
    campaignId,
  })
}

export function findGate(db: Database, campaignId: number, unitId: number) {
  return row<Gate>(
    db,
    `select ${GATE} from gate_fact where campaign_id = :campaignId and unit_id = :unitId`,
    {
      campaignId,
      unitId,
    },
  )
}

/** Opens every gate whose head's pact is sealed, in open campaigns. Returns the gates opened now. */
export function openGates(db: Database, now: Date) {
  return rows<{ campaignId: number; unitId: number }>(
    db,
    `update campaign_unit
     set opened_at = :now
     from gate_fact, campaign
     where gate_fact.campaign_id = campaign_unit.campaign_id
       and gate_fact.unit_id = campaign_unit.unit_id
       and campaign.id = campaign_unit.campaign_id
       and campaign.state = 'open'
       and campaign_unit.opened_at is null
       and gate_fact.head_pact_state = 'sealed'
     returning campaign_unit.campaign_id as "campaignId", campaign_unit.unit_id as "unitId"`,
    { now },
  )
}

/** Lets a unit's people go before its head; false when the gate is open already. */
export async function overrideGate(
  db: Database,
  override: { campaignId: number; unitId: number; accountId: number; reason: string; now: Date },
): Promise<boolean> {
  const done = await row(
    db,
    `update campaign_unit
     set overridden_at = :now, overridden_by = :accountId, override_reason = :reason
     where campaign_id = :campaignId and unit_id = :unitId and overridden_at is null and opened_at is null
     returning unit_id`,
    override,
  )
  return done !== undefined
}

export async function setGateWitness(
  db: Database,
  change: { campaignId: number; unitId: number; witnessAccountId: number },
): Promise<void> {
  await rows(
    db,
    `update campaign_unit set witness_account_id = :witnessAccountId
     where campaign_id = :campaignId and unit_id = :unitId`,
    change,
  )
}

/** Takes a person out of the denominator; false when they are out already. */
export async function insertExclusion(
  db: Database,
  made: {
    campaignId: number
    employeeId: number
    reason: ExclusionReason
    note: string
    accountId: number
    now: Date
  },
): Promise<boolean> {
  const done = await row(
    db,
    `insert into exclusion (campaign_id, employee_id, reason, note, account_id, at)
     values (:campaignId, :employeeId, :reason, :note, :accountId, :now)
     on conflict (campaign_id, employee_id) where ended_at is null do nothing
     returning id`,
    made,
  )
  return done !== undefined
}

export async function endExclusion(
  db: Database,
  ended: { campaignId: number; employeeId: number; accountId: number; now: Date },
): Promise<boolean> {
  const done = await row(
    db,
    `update exclusion set ended_at = :now, ended_by = :accountId
     where campaign_id = :campaignId and employee_id = :employeeId and ended_at is null
     returning id`,
    ended,
  )
  return done !== undefined
}
