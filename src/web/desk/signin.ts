import type { Role } from '../../domain/account.js'
import { parseEmail } from '../../domain/email.js'
import { isSigninLive, requestSignin, signIn, signOut } from '../../flow/signin.js'
import { paths } from '../paths.js'
import { SignInConfirmPage, SignInExpiredPage, SignInPage, SignInSentPage } from '../signin.js'
import type { Reply, Visit } from './desk.js'

const homeOf: Record<Role, string> = {
  administrator: paths.admin,
  unit_head: paths.coverage,
  bawaslu: paths.witness,
  witness: paths.witness,
  auditor: paths.coverage,
  election_desk: paths.team,
  task_force: paths.team,
}

export async function showSignIn({ account, frame }: Visit): Promise<Reply> {
  return account ? { redirect: homeOf[account.role] } : { page: SignInPage({ frame }) }
}

export async function requestLink({ house, frame, form, act }: Visit): Promise<Reply> {
  const typed = form.get('email') ?? ''
  const parsed = parseEmail(typed)
  if (parsed.email === undefined)
    return {
      status: 400,
      page: SignInPage({
        frame,
        form: {
          values: { email: typed },
          errors: [{ field: 'email', message: 'Ketik alamat surel, misalnya nama@kota.go.id' }],
        },
      }),
    }
  await requestSignin(house, parsed.email, act)
  return { redirect: paths.signInSent }
}

export async function showSent({ house, frame }: Visit): Promise<Reply> {
  return { page: SignInSentPage({ frame, expiresInMinutes: house.settings.signinMinutes }) }
}

const expired = (frame: Visit['frame']): Reply => ({
  page: SignInExpiredPage({ frame }),
  status: 410,
  isMiss: true,
})

/** A page with a button: opening the link (mail scanners do) signs nobody in. */
export async function showConfirm(visit: Visit): Promise<Reply> {
  const { house, frame, act } = visit
  const token = visit.param('token')
  if (!(await isSigninLive(house, token, act.now))) return expired(frame)
  return { page: SignInConfirmPage({ frame, token }) }
}

export async function confirm(visit: Visit): Promise<Reply> {
  const { house, frame, act } = visit
  const token = visit.param('token')
  if (!(await isSigninLive(house, token, act.now))) return expired(frame)
  return { redirect: paths.signIn, cookie: { secret: await signIn(house, token, act) } }
}

export async function leave({ house, sessionSecret, act }: Visit): Promise<Reply> {
  if (sessionSecret) await signOut(house, sessionSecret, act.now)
  return { redirect: paths.home, cookie: { secret: undefined } }
}
