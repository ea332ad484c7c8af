import { PactError } from '../../domain/errors.js'
import { DemoMailboxPage, DemoMailPage } from '../demo.js'
import type { Reply, Visit } from './desk.js'

const MAILS_PER_PAGE = 30

function requireMailbox({ house }: Visit) {
  if (!house.mailbox) throw new PactError('NOT_FOUND', 'Kotak surel peragaan tidak dipakai.')
  return house.mailbox
}

export async function showMailbox(visit: Visit): Promise<Reply> {
  const search = (visit.query.get('cari') ?? '').slice(0, 100)
  const asked = Math.max(1, Math.trunc(Number(visit.query.get('page')) || 1))
  const query = { search, limit: MAILS_PER_PAGE, offset: (asked - 1) * MAILS_PER_PAGE }
  const { letters, total } = await requireMailbox(visit).findLetters(query)
  return {
    page: DemoMailboxPage({
      frame: visit.frame,
      zone: visit.pemda?.timeZone ?? 'WIB',
      mails: letters.map(({ id, to, subject, at }) => ({ mailId: id, to, subject, at })),
      search,
      page: asked,
      pageCount: Math.max(1, Math.ceil(total / MAILS_PER_PAGE)),
      mailCount: total,
    }),
  }
}

export async function showMail(visit: Visit): Promise<Reply> {
  const letter = await requireMailbox(visit).findLetter(visit.param('mailId'))
  if (!letter) throw new PactError('NOT_FOUND', 'Surel ini tidak ada.')
  const { from, to, subject, at, text } = letter
  return {
    page: DemoMailPage({
      frame: visit.frame,
      zone: visit.pemda?.timeZone ?? 'WIB',
      from,
      to,
      subject,
      at,
      text,
    }),
  }
}
