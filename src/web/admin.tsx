import { formatMoment, type TimeZone } from '../domain/campaign.js'
import type { Role } from '../domain/account.js'
import { roleLabels } from '../domain/account.js'
import { formatCount } from '../domain/coverage.js'
import type { FormState } from './form.js'
import { emptyForm, ErrorSummary, Radios, Select, Submit, TextArea, TextField } from './form.js'
import type { PageProps } from './layout.js'
import { BackLink, Done, Facts, Layout, Notice, Tag } from './layout.js'
import { paths } from './paths.js'

export interface AdminHomeProps extends PageProps {
  unitCount: number
  employeeCount: number
  campaign: { id: number; name: string; state: 'draft' | 'open' | 'closed' } | undefined // the newest
  gatesWithoutHead: number
  gatesWithoutWitness: number
  accountCount: number
  disputeCount: number
  refusedMailCount: number
}

/** What stands ready and what comes next. */
export function AdminHomePage(props: AdminHomeProps) {
  const { frame, unitCount, employeeCount, campaign, gatesWithoutHead, gatesWithoutWitness, accountCount } =
    props
  const { disputeCount, refusedMailCount } = props
  const campaignHref = campaign ? paths.campaign(campaign.id) : paths.campaignNew
  const steps = [
    {
      label: 'Muat daftar unit dan pegawai',
      href: paths.roster,
      done: employeeCount > 0,
      detail:
        employeeCount > 0
          ? `${formatCount(employeeCount)} pegawai pada ${formatCount(unitCount)} unit.`
          : 'Unggah berkas XLSX atau CSV dari SIASN.',
    },
    {
      label: 'Undang akun pimpinan, Bawaslu, dan auditor',
      href: paths.accounts,
      done: accountCount > 1,
      detail: `${formatCount(accountCount)} akun.`,
    },
    {
      label: 'Buat kegiatan penandatanganan',
      href: campaignHref,
      done: campaign !== undefined,
      detail: campaign ? campaign.name : 'Jenis pemilihan, batas waktu, naskah, dan unit yang ikut.',
    },
    {
      label: 'Pastikan setiap unit punya pimpinan dan saksi',
      href: campaignHref,
      done: campaign !== undefined && gatesWithoutHead === 0 && gatesWithoutWitness === 0,
      detail: campaign
        ? `${formatCount(gatesWithoutHead)} unit tanpa pimpinan, ${formatCount(gatesWithoutWitness)} unit tanpa saksi.`
        : 'Setelah kegiatan dibuat.',
    },
    {
      label: 'Buka kegiatan',
      href: campaignHref,
      done: campaign !== undefined && campaign.state !== 'draft',
      detail:
        campaign?.state === 'open'
          ? 'Kegiatan sedang berjalan.'
          : campaign?.state === 'closed'
            ? 'Kegiatan sudah ditutup.'
            : 'Undangan tahap pertama dikirim kepada pimpinan.',
    },
  ]
  return (
    <Layout frame={frame} title="Beranda administrator" section={paths.admin}>
      <div class="read">
        <h1>Beranda administrator</h1>
        {(disputeCount > 0 || refusedMailCount > 0) && (
          <Notice tone="warn" heading="Perlu ditangani">
            <ul>
              {disputeCount > 0 && campaign && (
                <li>
                  <a href={paths.disputes(campaign.id)}>{formatCount(disputeCount)} laporan data keliru</a>
                </li>
              )}
              {refusedMailCount > 0 && (
                <li>
                  <a href={paths.mail}>{formatCount(refusedMailCount)} surel ditolak</a>
                </li>
              )}
            </ul>
          </Notice>
        )}
        <h2>Langkah penyiapan</h2>
        <ol class="steps">
          {steps.map((step) => (
            <li>
              <div>
                <a href={step.href}>{step.label}</a>
                <p>{step.detail}</p>
              </div>
              {step.done ? (
                <Tag tone="good" icon="check">
                  Selesai
                </Tag>
              ) : (
                <Tag tone="warn" icon="clock">
                  Belum
                </Tag>
              )}
            </li>
          ))}
        </ol>
        <div class="actions">
          {campaign && (
            <a class="button" href={paths.coverage}>
              Lihat cakupan
            </a>
          )}
          <a href={paths.map}>Peta wilayah</a>
        </div>
      </div>
    </Layout>
  )
}

export interface AccountRow {
  id: number
  name: string
  email: string
  role: Role
  scope: string // unit of a head, institution of Bawaslu
  disabled: boolean
}

/** Everyone who may sign in. */
export function AccountsPage({
  frame,
  accounts,
  done,
  mayChange,
}: PageProps & { accounts: readonly AccountRow[]; done?: string; mayChange: boolean }) {
  return (
    <Layout frame={frame} title="Akun" section={paths.accounts}>
      <Done>{done}</Done>
      <h1>Akun</h1>
      {mayChange && (
        <p>
          <a class="button" href={paths.accountNew}>
            Undang akun
          </a>
        </p>
      )}
      {accounts.length === 0 ? (
        <p>Belum ada akun. Undang pimpinan unit, Bawaslu, dan auditor.</p>
      ) : (
        <table class="cards">
          <caption class="hidden-visually">Akun yang dapat masuk</caption>
          <thead>
            <tr>
              <th scope="col">Nama</th>
              <th scope="col">Surel</th>
              <th scope="col">Peran</th>
              <th scope="col">Unit atau lembaga</th>
              <th scope="col">Keadaan</th>
            </tr>
          </thead>
          <tbody>
            {accounts.map((account) => (
              <tr>
                <th scope="row">{account.name}</th>
                <td>{account.email}</td>
                <td data-label="Peran">{roleLabels[account.role]}</td>
                <td>{account.scope}</td>
                <td>
                  {account.disabled ? (
                    <Tag tone="plain" icon="stop">
                      Nonaktif
                    </Tag>
                  ) : mayChange ? (
                    <form method="post" action={paths.accountDisable(account.id)}>
                      <button type="submit" class="button second small">
                        Nonaktifkan<span class="hidden-visually"> {account.name}</span>
                      </button>
                    </form>
                  ) : (
                    <Tag tone="good" icon="check">
                      Aktif
                    </Tag>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Layout>
  )
}

const roleHints: Record<Role, string> = {
  administrator: 'Kepegawaian atau Kesbangpol: mengelola daftar pegawai, kegiatan, dan akun.',
  unit_head: 'Melihat cakupan dan nama pada unitnya sendiri dan di bawahnya.',
  bawaslu: 'Menyaksikan pakta pimpinan; melihat rekapitulasi tanpa nama.',
  witness: 'Misalnya Pj. Wali Kota: menyaksikan pakta pimpinan di samping Bawaslu; tidak melihat yang lain.',
  auditor: 'Melihat semuanya, tidak dapat mengubah apa pun.',
  election_desk: 'Melihat cakupan dan hambatan tanpa nama, selama mandatnya berlaku.',
  task_force: 'Melihat cakupan dengan nama, tanpa mengubah apa pun, selama mandatnya berlaku.',
}

/** Invites a person to an account; they sign in by a mailed link. */
export function AccountNewPage({
  frame,
  units,
  form = emptyForm,
}: PageProps & { units: readonly { id: number; name: string }[]; form?: FormState }) {
  return (
    <Layout frame={frame} title="Undang akun" section={paths.accounts} wrong={form.errors.length > 0}>
      <div class="read">
        <BackLink href={paths.accounts} />
        <ErrorSummary errors={form.errors} />
        <h1>Undang akun</h1>
        <form method="post" action={paths.accounts} novalidate>
          <Radios
            name="role"
            label="Peran"
            form={form}
            options={(Object.keys(roleLabels) as Role[]).map((value) => ({
              value,
              label: roleLabels[value],
              hint: roleHints[value],
            }))}
          />
          <Select
            name="unitId"
            label="Unit"
            hint="Untuk pimpinan unit. Untuk tim: kosongkan bila mandatnya mencakup seluruh pemerintah daerah."
            form={form}
            options={[
              { value: '', label: 'Pilih unit' },
              ...units.map(({ id, name }) => ({ value: String(id), label: name })),
            ]}
          />
          <fieldset>
            <legend>Mandat tim (hanya untuk Desk Pemilu dan Satgas)</legend>
            <TextField
              name="mandateNumber"
              label="Nomor surat keputusan atau surat tugas"
              form={form}
              maxLength={100}
            />
            <div class="row">
              <TextField name="mandateDate" label="Tanggal" type="date" form={form} size="middle" />
              <TextField name="mandateUntil" label="Berlaku sampai" type="date" form={form} size="middle" />
            </div>
          </fieldset>
          <TextField name="name" label="Nama lengkap" form={form} autoComplete="off" maxLength={200} />
          <TextField
            name="email"
            type="email"
            label="Alamat surel"
            form={form}
            autoComplete="off"
            inputMode="email"
            spellcheck={false}
            maxLength={254}
          />
          <TextField
            name="institution"
            label="Lembaga"
            hint="Misalnya Bawaslu Kota Kendari. Tercetak pada pakta bila orang ini menjadi saksi."
            form={form}
            maxLength={200}
          />
          <TextField name="jabatan" label="Jabatan" form={form} maxLength={200} />
          <Submit>Kirim undangan</Submit>
        </form>
      </div>
    </Layout>
  )
}

export interface DisputeRow {
  employeeId: number
  name: string
  unitName: string
  note: string
  reportedAt: Date
}

/** People who said that their data are wrong. */
export function DisputesPage({
  frame,
  campaign,
  disputes,
  done,
}: PageProps & {
  campaign: { id: number; name: string; zone: TimeZone }
  disputes: readonly DisputeRow[]
  done?: string
}) {
  return (
    <Layout frame={frame} title="Laporan data keliru" section={paths.campaigns}>
      <BackLink href={paths.campaign(campaign.id)}>{campaign.name}</BackLink>
      <Done>{done}</Done>
      <h1>Laporan data keliru</h1>
      {disputes.length === 0 ? (
        <p>Tidak ada laporan yang menunggu.</p>
      ) : (
        <table class="cards">
          <caption class="hidden-visually">Laporan yang menunggu, terlama lebih dahulu</caption>
          <thead>
            <tr>
              <th scope="col">Nama</th>
              <th scope="col">Unit</th>
              <th scope="col">Yang dilaporkan</th>
              <th scope="col">Waktu</th>
            </tr>
          </thead>
          <tbody>
            {disputes.map((dispute) => (
              <tr>
                <th scope="row">
                  <a href={paths.dispute(campaign.id, dispute.employeeId)}>{dispute.name}</a>
                </th>
                <td>{dispute.unitName}</td>
                <td>{dispute.note}</td>
                <td>{formatMoment(dispute.reportedAt, campaign.zone)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Layout>
  )
}

export interface DisputeEditProps extends PageProps {
  campaign: { id: number; name: string; zone: TimeZone }
  person: {
    employeeId: number
    name: string // without titles
    titlePrefix: string
    titleSuffix: string
    identityLabel: string
    identityNumber: string
    jabatan: string
    grade: string
    unitName: string
  }
  note: string
  form?: FormState
}

/** Mends the data, or finds them right, and gives the pact back to its signer. */
export function DisputeEditPage({ frame, campaign, person, note, form = emptyForm }: DisputeEditProps) {
  return (
    <Layout
      frame={frame}
      title={`Perbaiki data ${person.name}`}
      section={paths.campaigns}
      wrong={form.errors.length > 0}
    >
      <div class="read">
        <BackLink href={paths.disputes(campaign.id)}>Laporan data keliru</BackLink>
        <ErrorSummary errors={form.errors} />
        <h1>Perbaiki data</h1>
        <Notice heading="Yang dilaporkan">
          <p>{note || 'Tidak ada keterangan.'}</p>
        </Notice>
        <Facts
          rows={[
            [person.identityLabel, person.identityNumber],
            ['Unit kerja', person.unitName],
          ]}
        />
        <p>Nomor induk dan unit kerja diperbaiki melalui daftar pegawai.</p>
        <form method="post" action={paths.dispute(campaign.id, person.employeeId)} novalidate>
          <TextField
            name="titlePrefix"
            label="Gelar depan"
            form={form}
            value={person.titlePrefix}
            maxLength={60}
          />
          <TextField name="name" label="Nama tanpa gelar" form={form} value={person.name} maxLength={120} />
          <TextField
            name="titleSuffix"
            label="Gelar belakang"
            form={form}
            value={person.titleSuffix}
            maxLength={120}
          />
          <TextField name="jabatan" label="Jabatan" form={form} value={person.jabatan} maxLength={300} />
          <TextField
            name="grade"
            label="Golongan"
            hint="Misalnya III/d atau IX; kosongkan bila tidak ada."
            form={form}
            value={person.grade}
            size="middle"
            maxLength={10}
          />
          <p>Setelah disimpan, pakta dikembalikan kepada yang bersangkutan dan surel baru dikirim.</p>
          <Submit>Simpan dan kembalikan</Submit>
        </form>
      </div>
    </Layout>
  )
}

export interface RevokeProps extends PageProps {
  code: string
  pact: { number: string; name: string; unitName: string; sealedAt: Date }
  zone: TimeZone
  form?: FormState
}

/** Declares a sealed pact void; the file stays readable, its verdict changes. */
export function RevokePage({ frame, code, pact, zone, form = emptyForm }: RevokeProps) {
  return (
    <Layout frame={frame} title="Cabut pakta" section={paths.campaigns} wrong={form.errors.length > 0}>
      <div class="read">
        <BackLink href={paths.verdict(code)}>Hasil pemeriksaan</BackLink>
        <ErrorSummary errors={form.errors} />
        <h1>Cabut pakta ini?</h1>
        <Facts
          rows={[
            ['Nama', pact.name],
            ['Unit kerja', pact.unitName],
            ['Nomor', pact.number],
            ['Disegel', formatMoment(pact.sealedAt, zone)],
          ]}
        />
        <Notice tone="bad">
          <p>
            Pencabutan tidak dapat dibatalkan. Siapa pun yang memeriksa naskah ini melihat DICABUT beserta
            tanggal dan alasannya.
          </p>
        </Notice>
        <form method="post" action={paths.revoke(code)} novalidate>
          <TextArea
            name="reason"
            label="Alasan pencabutan"
            hint="Tampil untuk umum. Jangan menuliskan data pribadi."
            form={form}
            maxLength={300}
          />
          <div class="actions">
            <Submit kind="grave">Cabut pakta</Submit>
            <a href={paths.verdict(code)}>Batal</a>
          </div>
        </form>
      </div>
    </Layout>
  )
}

export interface MailStatusProps extends PageProps {
  zone: TimeZone
  counts: Readonly<Record<'queued' | 'sending' | 'sent' | 'refused' | 'cancelled', number>>
  configured: boolean // a mail server is configured
  troubled: readonly {
    kind: string // in words
    address: string
    state: string // of the mail; 'refused' is for good, anything else is tried again
    attempts: number
    reply: string
    dueAt: Date
  }[]
}

/** How the queue stands, and what mail servers answered. */
export function MailStatusPage({ frame, zone, counts, configured, troubled }: MailStatusProps) {
  return (
    <Layout frame={frame} title="Keadaan surel" section={paths.mail}>
      <h1>Keadaan surel</h1>
      {!configured && (
        <Notice tone="warn" heading="Peladen surel belum diatur">
          <p>Surel menunggu dalam antrean sampai peladen surel diatur. Tidak ada yang hilang.</p>
        </Notice>
      )}
      <div class="figure">
        <dl class="counts">
          <div>
            <dt>Terkirim</dt>
            <dd>{formatCount(counts.sent)}</dd>
          </div>
          <div>
            <dt>Dalam antrean</dt>
            <dd>{formatCount(counts.queued + counts.sending)}</dd>
          </div>
          <div>
            <dt>Ditolak</dt>
            <dd>{formatCount(counts.refused)}</dd>
          </div>
          <div>
            <dt>Dibatalkan</dt>
            <dd>{formatCount(counts.cancelled)}</dd>
          </div>
        </dl>
      </div>
      <h2>Yang tertunda atau ditolak</h2>
      {troubled.length === 0 ? (
        <p>Tidak ada. Semua surel diterima peladen tujuan atau menunggu gilirannya.</p>
      ) : (
        <table class="cards">
          <caption class="hidden-visually">Surel tertunda atau ditolak, terbaru lebih dahulu</caption>
          <thead>
            <tr>
              <th scope="col">Alamat</th>
              <th scope="col">Jenis</th>
              <th scope="col">Keadaan</th>
              <th scope="col">Jawaban peladen</th>
              <th scope="col" class="n">
                Percobaan
              </th>
            </tr>
          </thead>
          <tbody>
            {troubled.map((mail) => (
              <tr>
                <th scope="row">{mail.address}</th>
                <td data-label="Jenis">{mail.kind}</td>
                <td>
                  {mail.state === 'refused' ? (
                    <Tag tone="bad" icon="cross">
                      Ditolak
                    </Tag>
                  ) : (
                    <span>
                      <Tag tone="warn" icon="clock">
                        Diulang
                      </Tag>
                      <span class="under quiet">{formatMoment(mail.dueAt, zone)}</span>
                    </span>
                  )}
                </td>
                <td>{mail.reply}</td>
                <td class="n" data-label="Percobaan">
                  {formatCount(mail.attempts)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Layout>
  )
}
