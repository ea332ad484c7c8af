import { formatMoment, type TimeZone } from '../domain/campaign.js'
import { formatCount } from '../domain/coverage.js'
import type { PageProps } from './layout.js'
import { BackLink, Facts, Layout, Notice } from './layout.js'
import { paths } from './paths.js'
import { Pages } from './people.js'

export interface DemoMailRow {
  mailId: string
  to: string
  subject: string
  at: Date
}

export interface DemoMailboxProps extends PageProps {
  zone: TimeZone
  mails: readonly DemoMailRow[] // newest first
  search: string
  page: number
  pageCount: number
  mailCount: number
}

/** Every mail the demonstration has "sent": nothing left this machine. */
export function DemoMailboxPage({
  frame,
  zone,
  mails,
  search,
  page,
  pageCount,
  mailCount,
}: DemoMailboxProps) {
  return (
    <Layout frame={frame} title="Kotak surel peragaan">
      <h1>Kotak surel peragaan</h1>
      <Notice tone="warn">
        <p>
          Semua surel peragaan berkumpul di sini dan tidak dikirim ke mana pun. Pada layanan sesungguhnya
          setiap orang hanya menerima surelnya sendiri, dan petugas tidak dapat melihat tautannya.
        </p>
      </Notice>
      <form class="row" method="get" action={paths.demoMailbox} role="search">
        <div class="grow">
          <TextSearch value={search} />
        </div>
        <div class="field">
          <button type="submit" class="button second">
            Cari
          </button>
        </div>
      </form>
      {mails.length === 0 ? (
        <p>
          {search ? 'Tidak ada surel yang cocok.' : 'Belum ada surel. Buka kegiatan agar undangan dikirim.'}
        </p>
      ) : (
        <>
          <p class="quiet">{formatCount(mailCount)} surel, terbaru lebih dahulu.</p>
          <ol class="steps">
            {mails.map((mail) => (
              <li>
                <div>
                  <a href={paths.demoMail(mail.mailId)}>{mail.subject}</a>
                  <p>
                    Kepada {mail.to}, {formatMoment(mail.at, zone)}
                  </p>
                </div>
              </li>
            ))}
          </ol>
        </>
      )}
      <Pages
        page={page}
        pageCount={pageCount}
        hrefOf={(to) => `${paths.demoMailbox}?cari=${encodeURIComponent(search)}&page=${to}`}
      />
    </Layout>
  )
}

function TextSearch({ value }: { value: string }) {
  return (
    <div class="field">
      <label for="cari">Cari penerima atau subjek</label>
      <input id="cari" name="cari" type="search" value={value} maxLength={100} autoComplete="off" />
    </div>
  )
}

export interface DemoMailProps extends PageProps {
  zone: TimeZone
  from: string
  to: string
  subject: string
  at: Date
  text: string // the plain-text part
}

/** One mail, its addresses made links. */
export function DemoMailPage({ frame, zone, from, to, subject, at, text }: DemoMailProps) {
  return (
    <Layout frame={frame} title={subject}>
      <div class="read">
        <BackLink href={paths.demoMailbox}>Kotak surel peragaan</BackLink>
        <p class="over">Surel peragaan</p>
        <h1 class="subject">{subject}</h1>
        <Facts
          rows={[
            ['Dari', from],
            ['Kepada', to],
            ['Tanggal', formatMoment(at, zone)],
          ]}
        />
        <div class="mail">
          {text
            .split(/(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)])/)
            .map((piece, index) => (index % 2 === 1 ? <a href={piece}>{piece}</a> : piece))}
        </div>
      </div>
    </Layout>
  )
}
