import type { Account, Role } from '../domain/account.js'
import { type Database, row, rows } from './db.js'

const COLUMNS = `account.id, account.pemda_id as "pemdaId", account.role, account.unit_id as "unitId", account.email,
  account.name, account.institution, account.jabatan, account.mandate`

// A team's account ends with the last day of its mandate, as the westernmost zone counts days.
const IS_LIVE = `disabled_at is null and (mandate is null or (mandate ->> 'until')::date >= (:now::timestamptz at time zone 'Asia/Jakarta')::date)`

type AccountRow = Omit<Account, 'unitId'> & { unitId: number | null }
const toAccount = (found: AccountRow | undefined): Account | undefined =>
  found && { ...found, unitId: found.unitId ?? undefined }

/** Inserts an account, or returns undefined when the address already has one. */
export async function insertAccount(
  db: Database,
  account: Omit<Account, 'id'> & { createdAt: Date },
): Promise<number | undefined> {
  const made = await row<{ id: number }>(
    db,
    `insert into account (pemda_id, role, unit_id, email, name, institution, jabatan, mandate, created_at)
     values (:pemdaId, :role, :unitId, lower(:email), :name, :institution, :jabatan, :mandate::jsonb, :createdAt)
     on conflict (email) do nothing
     returning id`,
    {
      ...account,
      unitId: account.unitId ?? null,
      mandate: account.mandate && JSON.stringify(account.mandate),
    },
  )
  return made?.id
}

/** The account with this address, unless it was closed; whether its mandate lives is another question (`findSigninAccount`). */
export async function findAccountByEmail(db: Database, email: string): Promise<Account | undefined> {
  return toAccount(
    await row<AccountRow>(
      db,
      `select ${COLUMNS} from account where email = lower(:email) and disabled_at is null`,
      { email },
    ),
  )
}

/** Who may sign in with this address now. */
export async function findSigninAccount(
  db: Database,
  who: { email: string; now: Date },
): Promise<Account | undefined> {
  return toAccount(
    await row<AccountRow>(
      db,
      `select ${COLUMNS} from account where email = lower(:email) and ${IS_LIVE}`,
      who,
    ),
  )
}

export async function findAccount(db: Database, id: number): Promise<Account | undefined> {
  return toAccount(await row<AccountRow>(db, `select ${COLUMNS} from account where id = :id`, { id }))
}

export function findAccounts(db: Database, pemdaId: number, role?: Role) {
  return rows<AccountRow & { disabledAt: Date | null; unitName: string | null; signedInAt: Date | null }>(
    db,
    `select ${COLUMNS}, disabled_at as "disabledAt", unit_label.name as "unitName",
       (select max(used_at) from signin where signin.account_id = account.id) as "signedInAt"
     from account
     left join unit_label on unit_label.id = account.unit_id
     where account.pemda_id = :pemdaId and (:role::text is null or role = :role)
     order by role, account.name`,
    { pemdaId, role: role ?? null },
  )
}

export async function disableAccount(db: Database, id: number, now: Date): Promise<boolean> {
  const done = await row(
    db,
    `update account set disabled_at = :now where id = :id and disabled_at is null returning id`,
    { id, now },
  )
  await rows(db, `update session set ended_at = :now where account_id = :id and ended_at is null`, {
    id,
    now,
  })
  return done !== undefined
}

/** A new single-use sign-in; the token is made from its id afterwards, so its hash follows. */
export async function insertSignin(
  db: Database,
  signin: { accountId: number; now: Date; expiresAt: Date; tokenHash: (id: number) => Uint8Array },
): Promise<number> {
  const { id } = (await row<{ id: number }>(
    db,
    `select nextval(pg_get_serial_sequence('signin', 'id'))::int as id`,
  ))!
  await rows(
    db,
    `insert into signin (id, account_id, token_hash, created_at, expires_at) overriding system value
     values (:id, :accountId, :tokenHash, :now, :expiresAt)`,
    {
      id,
      accountId: signin.accountId,
      tokenHash: signin.tokenHash(id),
      now: signin.now,
      expiresAt: signin.expiresAt,
    },
  )
  return id
}

export interface Signin {
  id: number
  accountId: number
  expiresAt: Date
  usedAt: Date | null
}

export function findSignin(db: Database, tokenHash: Uint8Array) {
  return row<Signin>(
    db,
    `select signin.id, account_id as "accountId", expires_at as "expiresAt", used_at as "usedAt"
     from signin join account on account.id = account_id
     where signin.token_hash = :tokenHash and disabled_at is null`,
    { tokenHash },
  )
}

/** Uses a sign-in up; false when somebody was faster or it has expired. */
export async function useSignin(db: Database, id: number, now: Date): Promise<boolean> {
  const used = await row(
    db,
    `update signin set used_at = :now where id = :id and used_at is null and expires_at > :now returning id`,
    { id, now },
  )
  return used !== undefined
}

export async function insertSession(
  db: Database,
  session: { accountId: number; tokenHash: Uint8Array; now: Date; expiresAt: Date },
): Promise<void> {
  await rows(
    db,
    `insert into session (account_id, token_hash, created_at, expires_at)
     values (:accountId, :tokenHash, :now, :expiresAt)`,
    session,
  )
}

/** Who a session cookie belongs to, if it still lives. */
export async function findSessionAccount(
  db: Database,
  session: { tokenHash: Uint8Array; now: Date },
): Promise<Account | undefined> {
  return toAccount(
    await row<AccountRow>(
      db,
      `select ${COLUMNS}
       from session join account on account.id = session.account_id
       where session.token_hash = :tokenHash and session.expires_at > :now and session.ended_at is null
         and ${IS_LIVE}`,
      session,
    ),
  )
}

export async function endSession(db: Database, session: { tokenHash: Uint8Array; now: Date }): Promise<void> {
  await rows(
    db,
    `update session set ended_at = :now where token_hash = :tokenHash and ended_at is null`,
    session,
  )
}
