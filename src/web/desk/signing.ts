import { type DeclineReason, declineReasons } from '../../domain/campaign.js'
import { PactError, type PactErrorCode } from '../../domain/errors.js'
import {
  groupCode,
  groupFingerprint,
  IDENTITY_TAIL_LENGTH,
  type Mark,
  methodWords,
  parseStrokes,
  secondFactorWords,
  SIGNING_REASON,
  type TemplateUse,
} from '../../domain/pact.js'
import { checkRepertoire } from '../../domain/repertoire.js'
import { sendNewLink } from '../../flow/invite.js'
import type { House } from '../../flow/house.js'
import { signersIssuerSha256 } from '../../flow/device.js'
import { CODE_MINUTES } from '../../flow/factor.js'
import { formatIsoDate } from '../../flow/paper.js'
import { previewPaper } from '../../flow/page.js'
import { readOwnFile } from '../../flow/row.js'
import {
  acceptOwnSignature,
  agree,
  type Consent,
  decline,
  dispute,
  noteOpened,
  offerOwnKey,
  requestCode,
  type OpenedLink,
  openLink,
} from '../../flow/sign.js'
import { findIssued } from '../../store/certificates.js'
import { findPact, type Pact } from '../../store/pacts.js'
import { findPemda } from '../../store/pemdas.js'
import type { FormError, FormState } from '../form.js'
import {
  LinkClosedPage,
  LinkDisputedPage,
  LinkExpiredPage,
  LinkMalformedPage,
  LinkRenewedPage,
  LinkReplacedPage,
  LinkUsedPage,
  LinkWaitingPage,
} from '../link.js'
import { paths } from '../paths.js'
import { DeclinedPage, DeclinePage, DisputedPage, DisputePage } from '../answers.js'
import { DonePage, SigningPage } from '../signing.js'
import {
  atHome,
  bytesField,
  deviceKey,
  noteField,
  offerReply,
  refusal,
  refusedReply,
  type Reply,
  requirePemda,
  type Visit,
} from './desk.js'

type Valid = Extract<OpenedLink, { outcome: 'valid' }>

const NOTE_LENGTH_MAX = 1000

/** "b•••@surel.example": enough to recognise one's own address, nothing for anybody else. */
export function maskEmail(email: string | null): string {
  if (!email) return 'surel Anda'
  const [local = '', domain = ''] = email.split('@')
  return `${local.slice(0, 1)}•••@${domain}`
}

// Ours is final once it is archived; behind a seal from elsewhere nothing more is added.
const isFinal = ({ keys }: House, pact: Pact) =>
  pact.archivedAt !== null || pact.evidenceAt !== null || (!keys.isSealOurs && pact.sealedAt !== null)

// Every way a link can turn out other than "it is your turn".
async function linkOutcome(visit: Visit, opened: Exclude<OpenedLink, Valid>): Promise<Reply> {
  const { frame, house } = visit
  const contact = visit.pemda?.contact ?? ''
  const token = visit.param('token')
  switch (opened.outcome) {
    case 'malformed':
      return { page: LinkMalformedPage({ frame, contact }), status: 404, isMiss: true }
    case 'replaced':
      return { page: LinkReplacedPage({ frame }), status: 410 }
    case 'expired':
      return {
        page: LinkExpiredPage({
          frame,
          token,
          expiredAt: opened.invitation.expiresAt,
          zone: opened.campaign.timeZone,
          emailMasked: maskEmail(opened.email),
        }),
        status: 410,
      }
    case 'waiting_head':
      return { page: LinkWaitingPage({ frame, unitName: opened.unitName }) }
    case 'closed':
      return {
        page: LinkClosedPage({
          frame,
          closedAt: opened.campaign.closedAt ?? opened.campaign.deadline,
          zone: opened.campaign.timeZone,
          contact,
        }),
        status: 410,
      }
    case 'disputed':
      return {
        page: LinkDisputedPage({
          frame,
          reportedAt: opened.party.answeredAt!,
          zone: opened.paper.campaign.timeZone,
          contact,
        }),
      }
    case 'signed':
      return {
        page: LinkUsedPage({
          frame,
          token,
          signedAt: opened.party.agreedAt!,
          zone: opened.paper.campaign.timeZone,
          code: groupCode(opened.paper.pact.code),
          ready: isFinal(house, opened.paper.pact),
          isRow: opened.paper.pact.isRow && !(await findCollective(house, opened.paper.pact)),
        }),
      }
  }
}

// The document that lists a row, once nothing more is added to it.
async function findCollective(house: House, pact: Pact): Promise<Pact | undefined> {
  const found = pact.collectiveId === null ? undefined : await findPact(house.db, pact.collectiveId)
  return found && isFinal(house, found) ? found : undefined
}

const sizeWords = (sizeBytes: number) =>
  sizeBytes < 1_000_000 ? `${Math.ceil(sizeBytes / 1000)} kB` : `${Math.ceil(sizeBytes / 1_000_000)} MB`

const documentNames: Partial<Record<TemplateUse, string>> = {
  NON_ASN: 'Surat Pernyataan Netralitas',
  JOINT: 'Pakta Integritas Netralitas Bersama',
  COLLECTIVE: 'Pakta Integritas Netralitas Kolektif',
}

function signingPage(visit: Visit, { paper, party, invitation, factor }: Valid, form?: FormState): Reply {
  const pemda = requirePemda(visit)
  const token = visit.param('token')
  return {
    status: form ? 400 : 200,
    page: SigningPage({
      ...{ frame: visit.frame, token },
      documentName: documentNames[paper.template.signerClass] ?? 'Pakta Integritas Netralitas',
      identity: paper.identity,
      identityTailLength: IDENTITY_TAIL_LENGTH,
      text: paper.text,
      circular: paper.circular && {
        words: `${paper.circular.title}, Nomor ${paper.circular.number}, ${formatIsoDate(paper.circular.issuedOn)}`,
        size: sizeWords(paper.circular.sizeBytes),
      },
      textSha256: paper.textSha256.toString('hex'),
      expiresAt: invitation.expiresAt,
      zone: paper.campaign.timeZone,
      retention: pemda.retention,
      privacyContact: pemda.contact,
      device: {
        ...{ keyAddress: paths.linkKey(token), ownAddress: paths.linkOwn(token), scope: token },
        ...{ slot: party.slot, name: paper.identity.name, reason: SIGNING_REASON },
        // A number of another form may stand differently in a certificate; the device then leaves it to the name.
        numberHead: /^\d{18}$/.test(paper.identity.identityNumber)
          ? paper.identity.identityNumber.slice(0, -IDENTITY_TAIL_LENGTH)
          : '',
        issuerSha256: signersIssuerSha256(visit.house),
        isStatement: paper.pact.isRow,
      },
      mayUseOwnCertificate:
        ['HEAD', 'JOINT'].includes(paper.pact.signerClass) && visit.house.keys.roots.person.length > 0,
      needsOwnKey: factor.rule.ownKey,
      officer: factor.officer,
      code: factor.needsCode
        ? {
            addressMasked: factor.address === null ? undefined : maskEmail(factor.address),
            sentAt: factor.sent?.at,
            minutes: CODE_MINUTES,
            contact: pemda.contact,
          }
        : undefined,
      ...(form && { form }),
    }),
  }
}

// What a link opens, and the visit in the house of the pemda that sent it.
async function open(asked: Visit): Promise<{ visit: Visit; opened: OpenedLink }> {
  const opened = await openLink(asked.house, asked.param('token'), asked.act.now)
  if (opened.outcome === 'malformed') return { visit: asked, opened }
  const pemda =
    'paper' in opened ? opened.paper.pemda : await findPemda(asked.house.db, opened.campaign.pemdaId)
  // Whoever is signed in here (an officer, at a kiosk) is not the person whose link this is.
  const visit = { ...asked, account: undefined, frame: { ...asked.frame, account: undefined } }
  return { visit: atHome(visit, pemda), opened }
}

export async function showLink(asked: Visit): Promise<Reply> {
  const { visit, opened } = await open(asked)
  return opened.outcome === 'valid' ? signingPage(visit, opened) : linkOutcome(visit, opened)
}

/** Told by the page's script at the first touch: a mail scanner that only opens links never gets here. */
export async function markLinkOpened(visit: Visit): Promise<Reply> {
  await noteOpened(visit.house, visit.param('token'), visit.act)
  return { empty: true }
}

export async function showPreview(asked: Visit): Promise<Reply> {
  const { visit, opened } = await open(asked)
  if (opened.outcome !== 'valid') return linkOutcome(visit, opened)
  const file = await previewPaper(visit.house, opened.paper)
  return { file, name: 'pratinjau.pdf', type: 'application/pdf', inline: true }
}

/** The circular that the signer is asked to have read. */
export async function sendCircular(asked: Visit): Promise<Reply> {
  const { visit, opened } = await open(asked)
  if (opened.outcome !== 'valid' && opened.outcome !== 'signed') return linkOutcome(visit, opened)
  const { circular } = opened.paper
  if (!circular) throw new PactError('NOT_FOUND', 'Kegiatan ini tidak menyertakan surat edaran.')
  const file = await visit.house.files.get(circular.sha256)
  return { file, name: 'surat-edaran.pdf', type: 'application/pdf', inline: true }
}

/** What a form says, or the page again with what is wrong. */
function readConsent(visit: Visit, opened: Valid): { consent: Consent } | { reply: Reply } {
  const { form } = visit
  const { identity } = opened.paper
  const errors: FormError[] = []
  const refuse = (field: string, message: string) => errors.push({ field, message })
  const consents = [
    ['isSelf', 'Nyatakan bahwa Anda sendiri yang membuka tautan ini'],
    ['hasRead', 'Nyatakan bahwa Anda telah membaca seluruh isi pakta'],
    ['isBinding', 'Nyatakan bahwa Anda setuju tanda tangan ini mengikat Anda'],
  ] as const
  if (opened.paper.circular && !form.has('hasCircular'))
    refuse('hasCircular', 'Nyatakan bahwa Anda telah membaca surat edarannya')
  for (const [field, message] of consents) if (!form.has(field)) refuse(field, message)
  const tail = (text: string) =>
    text
      .replace(/[^0-9A-Za-z]/g, '')
      .toUpperCase()
      .slice(-IDENTITY_TAIL_LENGTH)
  if (
    identity.identityNumber !== '' &&
    tail(form.get('identityTail') ?? '') !== tail(identity.identityNumber)
  )
    refuse(
      'identityTail',
      `Tidak cocok dengan ${identity.identityLabel} pada pakta ini. Ketik ${IDENTITY_TAIL_LENGTH} angka atau huruf terakhirnya`,
    )
  const mark = readMark(form, identity.name, refuse)
  if (errors.length > 0 || !mark)
    return { reply: signingPage(visit, opened, { values: Object.fromEntries(form), errors }) }
  return {
    consent: {
      textSha256: form.get('textSha256') ?? '',
      isSelf: form.has('isSelf'),
      hasRead: form.has('hasRead'),
      isBinding: form.has('isBinding'),
      hasCircular: form.has('hasCircular'),
      identityTail: form.get('identityTail') ?? '',
      code: form.get('code') ?? '',
      mark,
    },
  }
}

/** Where on the form a refusal stands. */
const refusedFields: Partial<Record<PactErrorCode, string>> = {
  STALE: 'hasRead',
  BAD_CODE: 'code',
  OWN_KEY_REQUIRED: 'method',
}

/** Sends a one-time code and leads back to the page, at the field where it is typed. */
export async function askCode(asked: Visit): Promise<Reply> {
  const { visit, opened } = await open(asked)
  if (opened.outcome !== 'valid') return linkOutcome(visit, opened)
  const token = visit.param('token')
  try {
    await requestCode(visit.house, token, visit.act)
  } catch (error) {
    if (!(error instanceof PactError) || error.code !== 'TOO_MANY_REQUESTS') throw error
    return { ...signingPage(visit, opened, refusal('kode', error)), status: 429 }
  }
  return { redirect: `${paths.link(token)}#kode` }
}

export async function sign(asked: Visit): Promise<Reply> {
  const { visit, opened } = await open(asked)
  const token = visit.param('token')
  if (opened.outcome === 'signed') return { redirect: paths.linkDone(token) }
  if (opened.outcome !== 'valid') return linkOutcome(visit, opened)
  const read = readConsent(visit, opened)
  if ('reply' in read) return read.reply
  try {
    await agree(visit.house, token, read.consent, visit.act)
  } catch (error) {
    const field = error instanceof PactError && refusedFields[error.code]
    if (!field) throw error
    const again = (await open(visit)).opened
    if (again.outcome !== 'valid') return linkOutcome(visit, again)
    // Words that changed are agreed to anew; after anything else the form stays as it is.
    const place = field === 'code' && !again.factor.sent ? 'kode' : field
    const { typedName = '', ...others } = Object.fromEntries(visit.form)
    const values = { typedName, ...(error.code !== 'STALE' && others) }
    return signingPage(visit, again, { values, errors: [{ field: place, message: error.message }] })
  }
  return { redirect: paths.linkDone(token) }
}

/** The first half of a signature by the device's own key: its certificate, and what it is asked to sign. */
export async function offerKey(asked: Visit): Promise<Reply> {
  const { visit, opened } = await open(asked)
  const token = visit.param('token')
  if (opened.outcome === 'signed') return { redirect: paths.linkDone(token) }
  if (opened.outcome !== 'valid') return linkOutcome(visit, opened)
  const again = { text: '{}', type: 'application/json' }
  const read = readConsent(visit, opened)
  // What is missing is said by the ordinary way, beside each field.
  if ('reply' in read) return again
  const offer = await offerOwnKey(visit.house, token, read.consent, deviceKey(visit), visit.act).catch(
    (error: unknown) => {
      if (!(error instanceof PactError)) throw error
      // Words that changed meanwhile are shown again by the ordinary way, too.
      if (error.code === 'STALE') return undefined
      // The page says it where it stands: trying again there would count the same code twice.
      return refusedReply(error)
    },
  )
  if (!offer) return again
  return 'base' in offer ? offerReply(offer) : offer
}

/** The second half: the signature itself. */
export async function takeOwnSignature(asked: Visit): Promise<Reply> {
  const { visit, opened } = await open(asked)
  const token = visit.param('token')
  if (opened.outcome === 'signed') return { redirect: paths.linkDone(token) }
  if (opened.outcome !== 'valid') return linkOutcome(visit, opened)
  await acceptOwnSignature(visit.house, token, bytesField(visit, 'signature'), visit.act)
  return { redirect: paths.linkDone(token) }
}

function readMark(
  form: URLSearchParams,
  name: string,
  refuse: (field: string, message: string) => void,
): Mark | undefined {
  if (form.get('method') === 'drawn') {
    const strokes = form.get('strokes') ?? ''
    if (strokes === '') {
      refuse('method', 'Gambar tanda tangan Anda di dalam kotak, atau pilih “Ketik nama”')
      return undefined
    }
    return { kind: 'drawn', strokes: parseStrokes(strokes) }
  }
  const words = (text: string): string[] => text.toUpperCase().match(/\p{L}{2,}/gu) ?? []
  let typed: string
  try {
    typed = checkRepertoire(form.get('typedName') ?? '')
  } catch (error) {
    refuse('typedName', (error as PactError).message)
    return undefined
  }
  // Titles, order and spelling of initials are the person's own; another person's name is not.
  if (typed.length > 300 || !words(typed).some((word) => words(name).includes(word))) {
    refuse('typedName', 'Ketik nama Anda seperti tertulis pada pakta')
    return undefined
  }
  return { kind: 'typed', name: typed }
}

export async function showDone(asked: Visit): Promise<Reply> {
  const { visit, opened } = await open(asked)
  if (opened.outcome !== 'signed') return { redirect: paths.link(visit.param('token')) }
  const { paper, party } = opened
  const isSealed = isFinal(visit.house, paper.pact)
  const [certificate] = (await findIssued(visit.house.db, paper.pact.id)).filter(
    ({ slot }) => slot === party.slot,
  )
  const isWaiting = paper.parties.some(
    (one) => one.role !== 'signer' && ['waiting', 'ready'].includes(one.state),
  )
  return {
    page: DonePage({
      frame: visit.frame,
      token: visit.param('token'),
      name: paper.identity.name,
      code: groupCode(paper.pact.code),
      signedAt: party.agreedAt!,
      zone: paper.campaign.timeZone,
      state: !isSealed
        ? isWaiting
          ? 'waiting_witness'
          : 'processing'
        : paper.pact.isRow && !(await findCollective(visit.house, paper.pact))
          ? 'row'
          : 'sealed',
      unitName: paper.identity.opdName,
      verifyUrl: `${visit.house.settings.baseUrl}${paths.verdict(paper.pact.code)}`,
      certificate: certificate && {
        sha256: groupFingerprint(Buffer.from(certificate.sha256).toString('hex')),
        method: methodWords[certificate.method as keyof typeof methodWords],
      },
      secondFactor: party.secondFactor ? secondFactorWords[party.secondFactor] : undefined,
      kioskHref:
        opened.isKiosk && paper.employee ? paths.person(paper.campaign.id, paper.employee.id) : undefined,
      contact: paper.pemda.contact,
    }),
  }
}

export async function downloadOwn(asked: Visit): Promise<Reply> {
  const { visit, opened } = await open(asked)
  if (opened.outcome !== 'signed') return { redirect: paths.link(visit.param('token')) }
  const { pact } = opened.paper
  const { house } = visit
  if (!isFinal(house, pact)) return { redirect: paths.linkDone(visit.param('token')) }
  // A row's member is a party of the document that lists it.
  const collective = await findCollective(house, pact)
  return readOwnFile(house, house.db, collective ?? pact)
}

export async function showDispute(asked: Visit): Promise<Reply> {
  const { visit, opened } = await open(asked)
  if (opened.outcome !== 'valid') return linkOutcome(visit, opened)
  // What a joint pact says of its parties was fixed before the first signature.
  if (opened.paper.joint) return { redirect: paths.link(visit.param('token')) }
  return {
    page: DisputePage({
      frame: visit.frame,
      token: visit.param('token'),
      identity: opened.paper.identity,
      identityTailLength: IDENTITY_TAIL_LENGTH,
    }),
  }
}

export async function sendDispute(asked: Visit): Promise<Reply> {
  const { visit, opened } = await open(asked)
  const { form, frame } = visit
  const token = visit.param('token')
  if (opened.outcome !== 'valid') return linkOutcome(visit, opened)
  const { text: note, errors } = noteField(visit, 'note', { lengthMax: NOTE_LENGTH_MAX })
  if (note === '') errors.push({ field: 'note', message: 'Tuliskan yang seharusnya tertulis' })
  if (errors.length > 0)
    return {
      status: 400,
      page: DisputePage({
        frame,
        token,
        identity: opened.paper.identity,
        identityTailLength: IDENTITY_TAIL_LENGTH,
        form: { values: Object.fromEntries(form), errors },
      }),
    }
  await dispute(visit.house, token, note, visit.act)
  return { page: DisputedPage({ frame, token, contact: requirePemda(visit).contact }) }
}

export async function showDecline(asked: Visit): Promise<Reply> {
  const { visit, opened } = await open(asked)
  if (opened.outcome !== 'valid') return linkOutcome(visit, opened)
  return { page: DeclinePage({ frame: visit.frame, token: visit.param('token') }) }
}

export async function sendDecline(asked: Visit): Promise<Reply> {
  const { visit, opened } = await open(asked)
  const { form, frame } = visit
  const token = visit.param('token')
  if (opened.outcome !== 'valid') return linkOutcome(visit, opened)
  const reason = form.get('reason') ?? ''
  const { text: note, errors } = noteField(visit, 'note', { lengthMax: NOTE_LENGTH_MAX })
  if (!Object.hasOwn(declineReasons, reason))
    errors.unshift({ field: 'reason', message: 'Pilih salah satu alasan' })
  if (errors.length > 0)
    return {
      status: 400,
      page: DeclinePage({ frame, token, form: { values: Object.fromEntries(form), errors } }),
    }
  await decline(visit.house, token, { reason: reason as DeclineReason, note }, visit.act)
  return {
    page: DeclinedPage({
      frame,
      token,
      reason: reason as DeclineReason,
      expiresAt: opened.invitation.expiresAt,
      zone: opened.paper.campaign.timeZone,
      contact: requirePemda(visit).contact,
    }),
  }
}

export async function renewLink(asked: Visit): Promise<Reply> {
  const { visit, opened } = await open(asked)
  if (opened.outcome !== 'expired') return { redirect: paths.link(visit.param('token')) }
  const outcome = await sendNewLink(visit.house, opened.invitation.partyId, visit.act)
  if (outcome === 'too_many')
    throw new PactError(
      'TOO_MANY_REQUESTS',
      'Tautan baru sudah beberapa kali dikirim hari ini. Periksa surel Anda, atau coba lagi besok.',
    )
  return { page: LinkRenewedPage({ frame: visit.frame, emailMasked: maskEmail(opened.email) }) }
}
