import { isTeamRole, type Mandate, type Role, roles, witnessRoles } from '../../domain/account.js'
import { formatIsoDay, parseMoment } from '../../domain/campaign.js'
import { parseEmail } from '../../domain/email.js'
import { type EmploymentType, identityLabels } from '../../domain/employment.js'
import { PactError } from '../../domain/errors.js'
import { formatIdentityNumber } from '../../domain/nip.js'
import { parseCode } from '../../domain/pact.js'
import { checkRepertoire } from '../../domain/repertoire.js'
import { formatName } from '../../domain/roster.js'
import {
  cancelRoster,
  checkRoster,
  confirmRoster,
  enrollUnits,
  LEFT_SHARE_TO_ASK,
  readUnits,
} from '../../flow/enroll.js'
import { sendNewLink } from '../../flow/invite.js'
import { revokePact } from '../../flow/open.js'
import { settleDispute } from '../../flow/sign.js'
import { closeAccount, inviteAccount } from '../../flow/signin.js'
import { findAccounts } from '../../store/accounts.js'
import { findCampaign, findCampaigns, findGates } from '../../store/campaigns.js'
import { countMails, findTroubledMails, type MailKind } from '../../store/mails.js'
import { findDisputes, findPactByCode } from '../../store/pacts.js'
import {
  countEmployees,
  findDifferences,
  findEmployee,
  findImport,
  findImports,
  findUnit,
  findUnits,
  type RosterDifference,
  type RosterImport,
} from '../../store/people.js'
import {
  AccountNewPage,
  AccountsPage,
  AdminHomePage,
  DisputeEditPage,
  DisputesPage,
  MailStatusPage,
  RevokePage,
} from '../admin.js'
import { type FormError, type FormState, formStateOf } from '../form.js'
import { paths } from '../paths.js'
import { LEAVE_CONFIRMATION, RosterCheckPage, RosterDonePage, RosterUploadPage } from '../roster.js'
import {
  actingAs,
  idField,
  mayChange,
  noteField,
  type Reply,
  requireAccount,
  requireOwn,
  refusal,
  requirePemda,
  type Visit,
} from './desk.js'

/** A spreadsheet to import; the reader has the same bound. */
export const SHEET_BYTES_MAX = 64 * 1024 ** 2
const EXAMPLES_PER_KIND = 8

export async function showHome(visit: Visit): Promise<Reply> {
  const { house, frame } = visit
  const pemda = requirePemda(visit)
  const [campaign] = await findCampaigns(house.db, pemda.id)
  const gates = campaign ? await findGates(house.db, campaign.id) : []
  const accounts = await findAccounts(house.db, pemda.id)
  return {
    page: AdminHomePage({
      frame,
      unitCount: (await findUnits(house.db, pemda.id)).length,
      employeeCount: await countEmployees(house.db, pemda.id),
      campaign: campaign && { id: campaign.id, name: campaign.name, state: campaign.state },
      gatesWithoutHead: gates.filter((gate) => gate.state === 'head_missing').length,
      gatesWithoutWitness: gates.filter((gate) => gate.witnessAccountId === null).length,
      accountCount: accounts.filter((one) => !one.disabledAt).length,
      disputeCount: campaign ? (await findDisputes(house.db, campaign.id)).length : 0,
      refusedMailCount: (await countMails(house.db, pemda.id)).refused ?? 0,
    }),
  }
}

// --- roster ---

async function uploadPage(
  visit: Visit,
  extra: Partial<Parameters<typeof RosterUploadPage>[0]> = {},
  status = 200,
): Promise<Reply> {
  const { house, frame } = visit
  const pemda = requirePemda(visit)
  const last = (await findImports(house.db, pemda.id)).find((one) => one.state === 'confirmed')
  return {
    status,
    page: RosterUploadPage({
      frame,
      employeeCount: await countEmployees(house.db, pemda.id),
      unitCount: (await findUnits(house.db, pemda.id)).length,
      lastImport: last && { fileName: last.fileName, at: last.endedAt ?? last.createdAt },
      zone: pemda.timeZone,
      fileBytesMax: SHEET_BYTES_MAX,
      mayUpload: mayChange(visit),
      ...extra,
    }),
  }
}

export const showRoster = (visit: Visit) => uploadPage(visit)

export async function uploadRoster(visit: Visit): Promise<Reply> {
  const upload = visit.uploads.find((one) => one.field === 'file')
  if (!upload || upload.sizeBytes === 0)
    return uploadPage(
      visit,
      { rosterForm: refusal('file', new PactError('BAD_FILE', 'Pilih berkas daftar pegawai')) },
      400,
    )
  try {
    const checked = await checkRoster(
      visit.house,
      {
        pemdaId: requirePemda(visit).id,
        path: upload.path,
        fileName: upload.fileName.slice(0, 200),
        accountId: requireAccount(visit).id,
      },
      { now: visit.act.now },
    )
    return { redirect: paths.rosterImport(checked.id) }
  } catch (error) {
    return uploadPage(visit, { rosterForm: refusal('file', error) }, 400)
  }
}

export async function uploadUnits(visit: Visit): Promise<Reply> {
  const upload = visit.uploads.find((one) => one.field === 'unitFile')
  if (!upload || upload.sizeBytes === 0)
    return uploadPage(
      visit,
      { unitForm: refusal('unitFile', new PactError('BAD_FILE', 'Pilih berkas daftar unit')) },
      400,
    )
  try {
    const { units, errors } = await readUnits(upload.path)
    if (errors.length > 0)
      return uploadPage(
        visit,
        {
          unitErrors: errors.slice(0, 200),
          unitForm: refusal(
            'unitFile',
            new PactError('BAD_ROSTER', `${errors.length} kesalahan; tidak ada yang disimpan`),
          ),
        },
        400,
      )
    const { added, changed, same } = await enrollUnits(visit.house, requirePemda(visit).id, units)
    return uploadPage(visit, {
      done: `Daftar unit disimpan: ${added} baru, ${changed} berubah, ${same} tetap.`,
    })
  } catch (error) {
    return uploadPage(visit, { unitForm: refusal('unitFile', error) }, 400)
  }
}

async function requireImport(visit: Visit): Promise<RosterImport> {
  const found = await findImport(visit.house.db, visit.numberParam('importId'))
  if (!found || found.pemdaId !== requireAccount(visit).pemdaId)
    throw new PactError('NOT_FOUND', 'Impor ini tidak ada.')
  return found
}

const asksConfirmation = async (visit: Visit, checked: RosterImport) =>
  checked.counts.left > LEFT_SHARE_TO_ASK * (await countEmployees(visit.house.db, checked.pemdaId))

async function checkPage(visit: Visit, checked: RosterImport, form?: FormState): Promise<Reply> {
  const kinds: RosterDifference['kind'][] = ['added', 'changed', 'moved', 'left', 'returned']
  const examples = []
  for (const kind of kinds)
    examples.push(
      ...(await findDifferences(visit.house.db, { importId: checked.id, kind, limit: EXAMPLES_PER_KIND })),
    )
  const { shown, errors, total } = checked.problems
  return {
    status: form ? 400 : 200,
    page: RosterCheckPage({
      frame: visit.frame,
      importId: checked.id,
      fileName: checked.fileName,
      rowCount: checked.rowCount,
      counts: checked.counts,
      examples: examples.map((one) => ({ ...one, fromUnit: one.fromUnit ?? '', toUnit: one.toUnit ?? '' })),
      problems: shown as Parameters<typeof RosterCheckPage>[0]['problems'],
      errorCount: errors,
      warningCount: total - errors,
      asksConfirmation: await asksConfirmation(visit, checked),
      ...(form && { form }),
    }),
  }
}

export async function showImport(visit: Visit): Promise<Reply> {
  const checked = await requireImport(visit)
  if (checked.state === 'confirmed') return { redirect: paths.rosterDone(checked.id) }
  if (checked.state !== 'checked') return { redirect: paths.roster }
  return checkPage(visit, checked)
}

export async function confirmImport(visit: Visit): Promise<Reply> {
  const checked = await requireImport(visit)
  if (checked.state === 'confirmed') return { redirect: paths.rosterDone(checked.id) }
  if (checked.state !== 'checked') return { redirect: paths.roster }
  const typed = (visit.form.get('confirmation') ?? '').trim().toUpperCase()
  if ((await asksConfirmation(visit, checked)) && typed !== LEAVE_CONFIRMATION)
    return checkPage(visit, checked, {
      values: { confirmation: typed },
      errors: [{ field: 'confirmation', message: `Ketik ${LEAVE_CONFIRMATION}, atau batalkan` }],
    })
  const { id: accountId, pemdaId } = requireAccount(visit)
  await confirmRoster(visit.house, { importId: checked.id, pemdaId, accountId }, visit.act)
  return { redirect: paths.rosterDone(checked.id) }
}

export async function cancelImport(visit: Visit): Promise<Reply> {
  const checked = await requireImport(visit)
  await cancelRoster(visit.house, { importId: checked.id, pemdaId: checked.pemdaId }, visit.act.now)
  return { redirect: paths.roster }
}

export async function showImportDone(visit: Visit): Promise<Reply> {
  const { counts, state, fileName } = await requireImport(visit)
  if (state !== 'confirmed') return { redirect: paths.roster }
  return { page: RosterDonePage({ frame: visit.frame, fileName, counts }) }
}

// --- people whose data are wrong ---

async function requireCampaign(visit: Visit) {
  const campaign = requireOwn(visit, await findCampaign(visit.house.db, visit.numberParam('campaignId')))
  return { campaign, label: { id: campaign.id, name: campaign.name, zone: campaign.timeZone } }
}

export async function showDisputes(visit: Visit): Promise<Reply> {
  const { campaign, label } = await requireCampaign(visit)
  const disputes = []
  for (const one of await findDisputes(visit.house.db, campaign.id)) {
    const employee = (await findEmployee(visit.house.db, one.employeeId))!
    const unit = (await findUnit(visit.house.db, employee.unitId))!
    disputes.push({
      employeeId: employee.id,
      name: formatName(employee),
      unitName: unit.name,
      note: one.note ?? '',
      reportedAt: one.answeredAt,
    })
  }
  const done =
    visit.query.get('hasil') === 'selesai' ? 'Pakta dikembalikan; tautan baru sedang dikirim.' : undefined
  return { page: DisputesPage({ frame: visit.frame, campaign: label, disputes, ...(done && { done }) }) }
}

async function requireDispute(visit: Visit) {
  const { campaign, label } = await requireCampaign(visit)
  const employeeId = visit.numberParam('employeeId')
  const dispute = (await findDisputes(visit.house.db, campaign.id)).find(
    (one) => one.employeeId === employeeId,
  )
  if (!dispute) throw new PactError('NOT_FOUND', 'Laporan ini sudah diselesaikan.')
  const employee = (await findEmployee(visit.house.db, employeeId))!
  const unit = (await findUnit(visit.house.db, employee.unitId))!
  const page = (form?: FormState): Reply => ({
    status: form ? 400 : 200,
    page: DisputeEditPage({
      frame: visit.frame,
      campaign: label,
      person: {
        ...employee,
        employeeId,
        identityLabel: identityLabels[employee.employmentType as EmploymentType],
        identityNumber: formatIdentityNumber(employee.identityNumber),
        unitName: unit.name,
      },
      note: dispute.note ?? '',
      ...(form && { form }),
    }),
  })
  return { campaign, dispute, page }
}

export const showDispute = async (visit: Visit) => (await requireDispute(visit)).page()

export async function settle(visit: Visit): Promise<Reply> {
  const { campaign, dispute, page } = await requireDispute(visit)
  const errors: FormError[] = []
  const field = (
    name: string,
    { lengthMax, isRequired = false }: { lengthMax: number; isRequired?: boolean },
  ) => {
    try {
      const text = checkRepertoire(visit.form.get(name) ?? '')
      if (text.length > lengthMax)
        errors.push({ field: name, message: `${text.length} huruf, paling banyak ${lengthMax}` })
      if (isRequired && text === '') errors.push({ field: name, message: 'Tidak boleh kosong' })
      return text
    } catch (error) {
      errors.push({ field: name, message: (error as PactError).message })
      return ''
    }
  }
  const mended = {
    name: field('name', { lengthMax: 120, isRequired: true }),
    titlePrefix: field('titlePrefix', { lengthMax: 60 }),
    titleSuffix: field('titleSuffix', { lengthMax: 120 }),
    jabatan: field('jabatan', { lengthMax: 300, isRequired: true }),
    grade: field('grade', { lengthMax: 20 }),
  }
  if (errors.length > 0) return page(formStateOf(visit.form, errors))
  const acting = actingAs(visit)
  await settleDispute(
    visit.house,
    { partyId: dispute.partyId, accountId: acting.accountId, ...mended },
    acting,
  )
  await sendNewLink(visit.house, dispute.partyId, acting)
  return { redirect: `${paths.disputes(campaign.id)}?hasil=selesai` }
}

// --- a sealed pact declared void ---

async function requireRevocable(visit: Visit) {
  const code = parseCode(visit.param('code'))
  const pact = code && (await findPactByCode(visit.house.db, code))
  const campaign = pact && (await findCampaign(visit.house.db, pact.campaignId))
  if (
    !pact ||
    !campaign ||
    campaign.pemdaId !== requireAccount(visit).pemdaId ||
    pact.state !== 'sealed' ||
    !pact.identity
  )
    throw new PactError('NOT_FOUND', 'Tidak ada pakta tersegel dengan kode ini.')
  const { identity } = pact
  const page = (form?: FormState): Reply => ({
    status: form ? 400 : 200,
    page: RevokePage({
      frame: visit.frame,
      code: pact.code,
      pact: {
        number: pact.number ?? '',
        name: identity.name,
        unitName: identity.unitName,
        sealedAt: pact.sealedAt!,
      },
      zone: campaign.timeZone,
      ...(form && { form }),
    }),
  })
  return { pact, campaign, page }
}

export const showRevoke = async (visit: Visit) => (await requireRevocable(visit)).page()

export async function revoke(visit: Visit): Promise<Reply> {
  const { pact, campaign, page } = await requireRevocable(visit)
  const { text: reason, errors } = noteField(visit, 'reason', { lengthMin: 10, lengthMax: 300 })
  if (errors.length > 0) return page({ values: { reason }, errors })
  await revokePact(visit.house, { code: pact.code, reason, pemdaId: campaign.pemdaId }, actingAs(visit))
  return { redirect: paths.verdict(pact.code) }
}

// --- accounts ---

export async function showAccounts(visit: Visit): Promise<Reply> {
  const words: Record<string, string> = {
    diundang: 'Undangan sedang dikirim.',
    nonaktif: 'Akun dinonaktifkan.',
  }
  const done = words[visit.query.get('hasil') ?? '']
  const accounts = await findAccounts(visit.house.db, requirePemda(visit).id)
  return {
    page: AccountsPage({
      frame: visit.frame,
      mayChange: mayChange(visit),
      ...(done && { done }),
      accounts: accounts.map((one) => ({
        id: one.id,
        name: one.name,
        email: one.email,
        role: one.role,
        scope: one.unitName ?? one.institution,
        disabled: one.disabledAt !== null,
      })),
    }),
  }
}

async function accountForm(visit: Visit, form?: FormState): Promise<Reply> {
  const units = await findUnits(visit.house.db, requirePemda(visit).id)
  return {
    status: form ? 400 : 200,
    page: AccountNewPage({
      frame: visit.frame,
      units: units.map(({ id, name, code }) => ({ id, name: `${name} (${code})` })),
      ...(form && { form }),
    }),
  }
}

export const showAccountForm = (visit: Visit) => accountForm(visit)

export async function invite(visit: Visit): Promise<Reply> {
  const { form } = visit
  const errors: FormError[] = []
  const role = form.get('role') as Role
  if (!roles.includes(role)) errors.push({ field: 'role', message: 'Pilih peran' })
  const unitId = idField(visit, 'unitId')
  const unit = unitId > 0 ? await findUnit(visit.house.db, unitId) : undefined
  const pemda = requirePemda(visit)
  const hasUnit = role === 'unit_head' || (roles.includes(role) && isTeamRole(role) && unitId > 0)
  if (hasUnit && unit?.pemdaId !== pemda.id)
    errors.push({
      field: 'unitId',
      message: role === 'unit_head' ? 'Pilih unit yang dipimpin' : 'Pilih unit',
    })
  const mandate = roles.includes(role) && isTeamRole(role) ? readMandate(visit, errors) : undefined
  const parsed = parseEmail(form.get('email') ?? '')
  if (parsed.email === undefined) errors.push({ field: 'email', message: parsed.reason })
  const field = (name: string, isRequired: boolean) => {
    try {
      const text = checkRepertoire(form.get(name) ?? '').slice(0, 200)
      if (isRequired && text === '') errors.push({ field: name, message: 'Tidak boleh kosong' })
      return text
    } catch (error) {
      errors.push({ field: name, message: (error as PactError).message })
      return ''
    }
  }
  const name = field('name', true)
  const isWitness = witnessRoles.some((one) => one === role)
  const institution = field('institution', isWitness)
  const jabatan = field('jabatan', isWitness)
  if (errors.length > 0 || parsed.email === undefined) return accountForm(visit, formStateOf(form, errors))
  try {
    await inviteAccount(
      visit.house,
      {
        pemdaId: pemda.id,
        role,
        unitId: hasUnit ? unitId : undefined,
        ...(mandate && { mandate }),
        email: parsed.email,
        name,
        institution,
        jabatan,
      },
      actingAs(visit),
    )
  } catch (error) {
    if (!(error instanceof PactError) || error.code !== 'BAD_FORM') throw error
    return accountForm(visit, formStateOf(form, [{ field: 'email', message: error.message }]))
  }
  return { redirect: `${paths.accounts}?hasil=diundang` }
}

function readMandate(visit: Visit, errors: FormError[]): Mandate {
  const { form, act } = visit
  const number = (form.get('mandateNumber') ?? '').trim()
  const [date, until] = [form.get('mandateDate') ?? '', form.get('mandateUntil') ?? '']
  const isDay = (text: string) => parseMoment({ date: text, time: '12:00' }, 'WIB') !== undefined
  if (number === '' || number.length > 100)
    errors.push({ field: 'mandateNumber', message: 'Isi nomor surat yang memberi mandat' })
  if (!isDay(date)) errors.push({ field: 'mandateDate', message: 'Isi tanggal suratnya' })
  if (!isDay(until) || until < formatIsoDay(act.now, 'WIB') || until < date)
    errors.push({ field: 'mandateUntil', message: 'Isi hari terakhir mandat, hari ini atau sesudahnya' })
  return { number, date, until }
}

export async function disable(visit: Visit): Promise<Reply> {
  await closeAccount(
    visit.house,
    { id: visit.numberParam('accountId'), pemdaId: requireAccount(visit).pemdaId },
    actingAs(visit),
  )
  return { redirect: `${paths.accounts}?hasil=nonaktif` }
}

// --- mail ---

const mailWords: Record<MailKind, string> = {
  invitation: 'Undangan',
  reminder: 'Pengingat',
  receipt: 'Tanda terima',
  witness: 'Permintaan penyaksian',
  signin: 'Tautan masuk',
  welcome: 'Undangan akun',
  code: 'Kode sekali pakai',
  digest: 'Rekap berkala',
}

export async function showMail(visit: Visit): Promise<Reply> {
  const { house, frame } = visit
  const pemda = requirePemda(visit)
  const counts = await countMails(house.db, pemda.id)
  const troubled = await findTroubledMails(house.db, { pemdaId: pemda.id, limit: 100 })
  return {
    page: MailStatusPage({
      frame,
      zone: pemda.timeZone,
      counts: { queued: 0, sending: 0, sent: 0, refused: 0, cancelled: 0, ...counts },
      configured: house.mailer !== undefined,
      troubled: troubled.map((one) => ({ ...one, kind: mailWords[one.kind] })),
    }),
  }
}
