import { roleLabels } from '../domain/account.js'
import { afterQuietHours, formatDate, formatMoment, type MailPolicy } from '../domain/campaign.js'
import { formatCount, formatPermille, signedPermille } from '../domain/coverage.js'
import { PactError } from '../domain/errors.js'
import { composeLetter, type Letter } from '../domain/letter.js'
import { makeCode, makeToken } from '../domain/links.js'
import { groupCode, groupFingerprint, signingWords } from '../domain/pact.js'
import { formatName } from '../domain/roster.js'
import type { SigningMethod } from '../evidence/certificate.js'
import { findAccount } from '../store/accounts.js'
import { findCampaign } from '../store/campaigns.js'
import { findIssued } from '../store/certificates.js'
import { findCode } from '../store/codes.js'
import { FOLD_AT_ONCE, foldCoverage } from '../store/coverage.js'
import { findPerson } from '../store/coverage-people.js'
import { transact } from '../store/db.js'
import { findJointPact } from '../store/joint.js'
import { insertEvent } from '../store/ledger.js'
import { countSentByDomain, endMail, leaseMails, type Mail, releaseMail } from '../store/mails.js'
import {
  findPact,
  findParties,
  findParty,
  markInvited,
  markUndeliverable,
  type Party,
} from '../store/pacts.js'
import { findInvitation } from '../store/invitations.js'
import { findEmployee, findUnit } from '../store/people.js'
import { findPemda } from '../store/pemdas.js'
import type { House, LetterName } from './house.js'
import { jabatanOf } from './paper.js'
import { coverUnit } from './standing.js'

// The post office: what is queued is written as it must read now, and sent.

/** How long a mail whose letter cannot be written waits for an official to mend the letter. */
const MENDING_MILLISECONDS = 300_000
/** After this many failures of a server that keeps saying "later", a person counts as undeliverable. */
const ATTEMPTS_MAX = 8
/** How long a mail of a closed campaign, or to somebody excluded, rests before it is looked at again. */
const CLOSED_REST_MILLISECONDS = 600_000

/**
 * Sends the mails that are due, a few at a time. Returns how many were taken from the queue.
 *
 * Crash between the server's "250" and our UPDATE: the lease runs out and the mail goes out again with the
 * same Message-ID and the same link, so the reader's mail program shows one mail.
 */
export async function deliverMails(house: House, clock: () => Date): Promise<number> {
  const { mailer, settings } = house
  if (!mailer) return 0
  const now = clock()
  const until = new Date(now.getTime() + settings.mailLeaseSeconds * 1000)
  const mails = await leaseMails(house.db, { now, until, limit: 20 * settings.mailConcurrency })
  if (mails.length === 0) return 0
  await foldCoverage(house.db, { limit: FOLD_AT_ONCE, now })
  const sent = await countSentByDomain(house.db, new Date(now.getTime() - 60_000))
  const waiting = [...mails]
  const work = async () => {
    for (let mail = waiting.shift(); mail; mail = waiting.shift()) {
      const already = sent.get(mail.domain) ?? 0
      if (already >= settings.mailPerDomainPerMinute) {
        await releaseMail(house.db, {
          id: mail.id,
          dueAt: new Date(now.getTime() + 60_000),
          reply: null,
          isUntried: true,
        })
        continue
      }
      sent.set(mail.domain, already + 1)
      try {
        await deliver(house, mail, clock())
      } catch (error) {
        // One letter that cannot be written must not hold up the others; it waits for an official to mend it.
        house.log(`mail ${mail.id}: ${(error as Error).stack ?? String(error)}`)
        const dueAt = new Date(now.getTime() + MENDING_MILLISECONDS)
        await releaseMail(house.db, { id: mail.id, dueAt, reply: null, isUntried: true })
      }
    }
  }
  await Promise.all(Array.from({ length: settings.mailConcurrency }, work))
  return mails.length
}

async function deliver(house: House, mail: Mail, now: Date): Promise<void> {
  const letter = await writeLetter(house, mail, now)
  if (letter === 'dead') {
    await endMail(house.db, { id: mail.id, state: 'cancelled', reply: null, now })
    return
  }
  if (letter instanceof Date) {
    await releaseMail(house.db, { id: mail.id, dueAt: letter, reply: null, isUntried: true })
    return
  }
  const { outcome, reply } = await house.mailer!.send({
    ...letter,
    messageId: mail.messageId,
    to: mail.address,
    at: now,
  })
  const isGivenUp = outcome === 'refused' || (outcome === 'postponed' && mail.attempts >= ATTEMPTS_MAX)
  if (outcome === 'postponed' && !isGivenUp) {
    // 1, 2, 4 ... minutes, at most two hours: a server that is busy now is asked ever more rarely.
    const minutes = Math.min(2 ** (mail.attempts - 1), 120)
    await releaseMail(house.db, {
      id: mail.id,
      dueAt: new Date(now.getTime() + minutes * 60_000),
      reply,
      isUntried: false,
    })
    return
  }
  await transact(house.db, async (tx) => {
    const ended = await endMail(tx, { id: mail.id, state: isGivenUp ? 'refused' : 'sent', reply, now })
    if (!ended || mail.partyId === null) return
    const isLink = mail.kind === 'invitation' || mail.kind === 'reminder'
    // A code goes to another address than the link.
    if (isGivenUp && mail.kind !== 'code') await markUndeliverable(tx, mail.partyId, reply.slice(0, 300))
    else if (isLink) await markInvited(tx, mail.partyId, now)
    await insertEvent(tx, {
      at: now,
      kind: isGivenUp ? 'mail_refused' : 'mail_sent',
      partyId: mail.partyId,
      detail: { step: mail.step, messageId: mail.messageId },
    })
  })
}

// The letter as it must read now; 'dead' when its link or its reason is gone; a Date when it has to wait
// for the end of the quiet hours or for its campaign.
async function writeLetter(house: House, mail: Mail, now: Date): Promise<Letter | 'dead' | Date> {
  const { baseUrl } = house.settings
  const compose = (name: LetterName, values: Record<string, string>) =>
    composeLetter(house.letters[name], values)
  if (mail.kind === 'digest') return writeDigest(house, mail, now)
  if (mail.kind === 'signin' || mail.kind === 'welcome') {
    const account = await findAccount(house.db, mail.accountId!)
    if (!account) return 'dead'
    const pemda = (await findPemda(house.db, account.pemdaId))!
    const values = {
      singkatan_pemda: pemda.shortName,
      pemerintah_daerah: pemda.governmentName,
      kontak: pemda.contact,
      nama_lengkap: account.name,
      peran: roleLabels[account.role],
      menit: String(house.settings.signinMinutes),
      tautan_masuk: `${baseUrl}/masuk`,
    }
    if (mail.kind === 'welcome') return compose('akun', values)
    const token = makeToken(house.keys.linkKey, { purpose: 'signin', id: mail.signinId!, generation: 1 })
    return compose('masuk', { ...values, tautan: `${baseUrl}/masuk/${token}` })
  }

  const party = (await findParty(house.db, mail.partyId!))!
  const pact = (await findPact(house.db, party.pactId))!
  const campaign = (await findCampaign(house.db, pact.campaignId))!
  const pemda = (await findPemda(house.db, campaign.pemdaId))!
  const employee = pact.employeeId === null ? undefined : (await findEmployee(house.db, pact.employeeId))!
  const unit = employee && (await findUnit(house.db, employee.unitId))!
  const joint = employee ? undefined : (await findJointPact(house.db, pact.id))!
  const { person } = party
  const place = unit?.name ?? (person ? person.region || person.institution : '')
  const values: Record<string, string> = {
    singkatan_pemda: pemda.shortName,
    pemerintah_daerah: pemda.governmentName,
    kontak: pemda.contact,
    url_resmi: baseUrl,
    url_verifikasi: `${baseUrl}/v`,
    kode_verifikasi: groupCode(pact.code),
    nama_lengkap: employee ? formatName(employee) : (person?.name ?? ''),
    jabatan: employee ? employee.jabatan : person ? jabatanOf(person) : '',
    unit_kerja: place,
    nama_unit: pact.identity?.opdName ?? place,
    tanggal_batas: formatDate(joint?.deadline ?? campaign.deadline, campaign.timeZone),
    waktu_rekap: formatMoment(now, campaign.timeZone),
    tautan_masuk: `${baseUrl}/masuk`,
  }
  const signer = joint
    ? party
    : (await findParties(house.db, pact.id)).find((one: Party) => one.role === 'signer')!
  if (signer.agreedAt) values.waktu_tanda_tangan = formatMoment(signer.agreedAt, campaign.timeZone)

  if (mail.kind === 'witness') {
    if (party.state !== 'ready') return 'dead'
    const account = (await findAccount(house.db, party.accountId!))!
    return compose('saksi', {
      ...values,
      nama_saksi: account.name,
      jabatan_saksi: account.jabatan,
      lembaga_saksi: account.institution,
    })
  }

  if (mail.kind === 'code') {
    const code = (await findCode(house.db, mail.codeId!))!
    if (code.usedAt || code.replacedAt || code.expiresAt <= now) return 'dead'
    return compose('kode', {
      ...values,
      kode: makeCode(house.keys.linkKey, code),
      menit: String(Math.round((code.expiresAt.getTime() - code.createdAt.getTime()) / 60_000)),
    })
  }

  const invitation = (await findInvitation(house.db, mail.invitationId!))!
  if (invitation.replacedAt) return 'dead'
  values.kedaluwarsa = formatMoment(invitation.expiresAt, campaign.timeZone)
  values.tautan = `${baseUrl}/t/${makeToken(house.keys.linkKey, { purpose: 'pact', id: invitation.id, generation: invitation.generation })}`
  if (mail.kind === 'receipt') {
    const [own] = (await findIssued(house.db, pact.id)).filter(({ slot }) => slot === party.slot)
    if (!own) return 'dead'
    return compose(pact.isRow ? 'tanda-terima-kolektif' : 'tanda-terima', {
      ...values,
      cara: signingWords(own.method as SigningMethod, party.secondFactor),
      sidik_sertifikat: groupFingerprint(Buffer.from(own.sha256).toString('hex')),
    })
  }
  if (!['ready', 'declined'].includes(party.state)) return 'dead'
  // A closed campaign sends nothing; opened again, it goes on where it stopped. So with who is excluded or has
  // left: the reason may be that they died, or be taken back.
  const counted = employee && (await findPerson(house.db, campaign.id, employee.id))
  const isConcerned = joint
    ? joint.closedAt === null
    : counted !== undefined && counted.status !== 'excluded' && counted.status !== 'exempt'
  if (!isConcerned || campaign.state !== 'open') return new Date(now.getTime() + CLOSED_REST_MILLISECONDS)
  const allowedAt = afterQuietHours(now, campaign.timeZone, campaign.mailPolicy satisfies MailPolicy)
  if (allowedAt > now) return allowedAt
  if (joint) return compose(party.role === 'signer' ? 'undangan-bersama' : 'undangan-saksi-bersama', values)
  if (mail.kind === 'reminder') return compose('pengingat', values)
  return compose(pact.signerClass === 'HEAD' ? 'undangan-pimpinan' : 'undangan', values)
}

// How a head's unit stands now; 'dead' when there is nothing left to do.
async function writeDigest(house: House, mail: Mail, now: Date): Promise<Letter | 'dead'> {
  const account = await findAccount(house.db, mail.accountId!)
  const campaign = await findCampaign(house.db, Number(/^digest-(\d+)-/.exec(mail.step)![1]))
  if (account?.unitId === undefined || campaign?.state !== 'open') return 'dead'
  const pemda = (await findPemda(house.db, campaign.pemdaId))!
  const coverage = await coverUnit(house, { campaign, pemda, unitId: account.unitId, now }).catch(
    (error: unknown) => {
      if (error instanceof PactError && error.code === 'NOT_FOUND') return undefined // it takes no part
      throw error
    },
  )
  const counts = coverage?.node.total
  const permille = counts && signedPermille(counts)
  if (!counts || permille === undefined || counts.signed === counts.required) return 'dead'
  return composeLetter(house.letters['rekap-pimpinan'], {
    singkatan_pemda: pemda.shortName,
    pemerintah_daerah: pemda.governmentName,
    nama_lengkap: account.name,
    nama_unit: coverage.node.name,
    waktu_rekap: formatMoment(now, campaign.timeZone),
    tanggal_batas: formatMoment(campaign.deadline, campaign.timeZone),
    persen: formatPermille(permille),
    jumlah_wajib: formatCount(counts.required),
    jumlah_menandatangani: formatCount(counts.signed),
    jumlah_belum: formatCount(counts.required - counts.signed),
    jumlah_tidak_terkirim: formatCount(counts.undeliverable),
    jumlah_belum_bersedia: formatCount(counts.declined),
    jumlah_data_keliru: formatCount(counts.disputed),
    tautan_masuk: `${house.settings.baseUrl}/masuk`,
  })
}
