import { type Account, isTeamRole, type Mandate, type Role } from '../domain/account.js'
import { PactError } from '../domain/errors.js'
import { hashToken, makeToken, parseToken } from '../domain/links.js'
import {
  disableAccount,
  endSession,
  findAccount,
  findSigninAccount,
  findSessionAccount,
  findSignin,
  insertAccount,
  insertSession,
  insertSignin,
  useSignin,
} from '../store/accounts.js'
import { transact } from '../store/db.js'
import { insertEvent } from '../store/ledger.js'
import { cancelAccountMails, countSigninMails, insertMail } from '../store/mails.js'
import { type Act, type House, makeMessageId } from './house.js'

const SIGNIN_MAILS_PER_HOUR = 5

/**
 * Mails a single-use sign-in link, if the address has an account. The caller says the same words either way:
 * whether somebody has an account is nobody's business.
 */
export async function requestSignin(house: House, email: string, act: Act): Promise<void> {
  await transact(house.db, async (tx) => {
    const account = await findSigninAccount(tx, { email: email.trim().slice(0, 254), now: act.now })
    if (!account) return
    const since = new Date(act.now.getTime() - 3_600_000)
    if ((await countSigninMails(tx, { accountId: account.id, since })) >= SIGNIN_MAILS_PER_HOUR) return
    const signinId = await insertSignin(tx, {
      accountId: account.id,
      now: act.now,
      expiresAt: new Date(act.now.getTime() + house.settings.signinMinutes * 60_000),
      tokenHash: (id) => hashToken(makeToken(house.keys.linkKey, { purpose: 'signin', id, generation: 1 })),
    })
    await insertMail(
      tx,
      {
        kind: 'signin',
        step: `signin-${signinId}`,
        signinId,
        accountId: account.id,
        address: account.email,
        messageId: makeMessageId(house, 'signin'),
        dueAt: act.now,
      },
      act.now,
    )
  })
}

/** Whether a sign-in link would still work. Changes nothing: the page that a GET opens has a button. */
export async function isSigninLive(house: House, text: string, now: Date): Promise<boolean> {
  const token = parseToken(text)
  const signin = token && (await findSignin(house.db, hashToken(token)))
  return Boolean(signin && signin.usedAt === null && signin.expiresAt > now)
}

/**
 * Uses a sign-in link up.
 *
 * @returns the secret of the session's cookie
 * @throws LINK_EXPIRED when it was used, has expired or never was
 */
export async function signIn(house: House, text: string, act: Act): Promise<string> {
  return transact(house.db, async (tx) => {
    const token = parseToken(text)
    const signin = token && (await findSignin(tx, hashToken(token)))
    if (!signin || !(await useSignin(tx, signin.id, act.now)))
      throw new PactError(
        'LINK_EXPIRED',
        'Tautan masuk ini sudah dipakai atau habis masa berlakunya. Minta yang baru.',
      )
    const secret = house.random(32).toString('base64url')
    await insertSession(tx, {
      accountId: signin.accountId,
      tokenHash: hashToken(secret),
      now: act.now,
      expiresAt: new Date(act.now.getTime() + house.settings.sessionHours * 3_600_000),
    })
    await insertEvent(tx, { at: act.now, kind: 'signed_in', accountId: signin.accountId, ...act.origin })
    return secret
  })
}

/** Who a cookie belongs to. */
export async function whoIs(
  house: House,
  secret: string | undefined,
  now: Date,
): Promise<Account | undefined> {
  const token = secret && parseToken(secret)
  return token ? findSessionAccount(house.db, { tokenHash: hashToken(token), now }) : undefined
}

export async function signOut(house: House, secret: string, now: Date): Promise<void> {
  await endSession(house.db, { tokenHash: hashToken(secret), now })
}

/**
 * Invites somebody to an account of their own.
 *
 * @throws BAD_FORM when the address has one already
 */
export async function inviteAccount(
  house: House,
  made: {
    pemdaId: number
    role: Role
    unitId: number | undefined
    email: string
    name: string
    institution: string
    jabatan: string
    mandate?: Mandate
  },
  act: Act & { accountId?: number },
): Promise<number> {
  return transact(house.db, async (tx) => {
    if (made.role === 'unit_head' && made.unitId === undefined)
      throw new PactError('BAD_FORM', 'Pimpinan unit harus memilih unitnya.')
    if (made.role !== 'unit_head' && !isTeamRole(made.role) && made.unitId !== undefined)
      throw new PactError('BAD_FORM', 'Hanya pimpinan unit dan tim yang memilih unit.')
    if (isTeamRole(made.role) !== (made.mandate !== undefined))
      throw new PactError('BAD_FORM', 'Tim harus menyebut nomor, tanggal, dan akhir mandatnya.')
    const id = await insertAccount(tx, { ...made, mandate: made.mandate ?? null, createdAt: act.now })
    if (id === undefined) throw new PactError('BAD_FORM', 'Alamat surel ini sudah punya akun.')
    await insertMail(
      tx,
      {
        kind: 'welcome',
        step: 'welcome-1',
        accountId: id,
        address: made.email.toLowerCase(),
        messageId: makeMessageId(house, 'welcome'),
        dueAt: act.now,
      },
      act.now,
    )
    await insertEvent(tx, {
      at: act.now,
      kind: 'account_invited',
      pemdaId: made.pemdaId,
      ...(act.accountId !== undefined && { accountId: act.accountId }),
      ...act.origin,
      detail: { invited: id, role: made.role },
    })
    return id
  })
}

/** Closes an account; its sessions end at once. Nobody can close their own. */
export async function closeAccount(
  house: House,
  closed: { id: number; pemdaId: number },
  act: Act & { accountId: number },
): Promise<void> {
  await transact(house.db, async (tx) => {
    const account = await findAccount(tx, closed.id)
    if (!account || account.pemdaId !== closed.pemdaId)
      throw new PactError('NOT_FOUND', 'Akun ini tidak ada.')
    if (account.id === act.accountId)
      throw new PactError('BAD_FORM', 'Anda tidak dapat menutup akun sendiri.')
    if (!(await disableAccount(tx, closed.id, act.now))) return
    await cancelAccountMails(tx, closed.id, act.now)
    await insertEvent(tx, {
      at: act.now,
      kind: 'account_disabled',
      accountId: act.accountId,
      ...act.origin,
      detail: { disabled: closed.id },
    })
  })
}
