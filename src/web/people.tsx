import type { ComponentChildren } from 'preact'
import type { ExclusionReason } from '../domain/campaign.js'
import { exclusionReasons, formatMoment } from '../domain/campaign.js'
import { formatCount } from '../domain/coverage.js'
import type { CampaignLabel } from './dashboard.js'
import type { FormState } from './form.js'
import { Consent, emptyForm, ErrorSummary, Radios, Select, Submit, TextArea, TextField } from './form.js'
import type { IconName, PageProps, Tone } from './layout.js'
import { BackLink, Done, Facts, Layout, Notice, Tag } from './layout.js'
import { paths } from './paths.js'
import { Proposal, type ProposedAddress } from './proposal.js'

export type PersonStatus =
  | 'signed'
  | 'disputed'
  | 'declined'
  | 'excluded'
  | 'undeliverable'
  | 'opened'
  | 'invited'
  | 'waiting'
  | 'exempt'

const statuses: Record<PersonStatus, { word: string; tone: Tone; icon: IconName }> = {
  signed: { word: 'Sudah menandatangani', tone: 'good', icon: 'check' },
  disputed: { word: 'Data keliru', tone: 'bad', icon: 'warning' },
  declined: { word: 'Belum bersedia', tone: 'bad', icon: 'stop' },
  excluded: { word: 'Dikecualikan', tone: 'plain', icon: 'dash' },
  undeliverable: { word: 'Surel tidak terkirim', tone: 'bad', icon: 'cross' },
  opened: { word: 'Sudah dibuka', tone: 'info', icon: 'clock' },
  invited: { word: 'Sudah diundang', tone: 'info', icon: 'envelope' },
  waiting: { word: 'Belum diundang', tone: 'warn', icon: 'clock' },
  exempt: { word: 'Tidak wajib', tone: 'plain', icon: 'dash' },
}

export function StatusTag({ status }: { status: PersonStatus }) {
  const { word, tone, icon } = statuses[status]
  return (
    <Tag tone={tone} icon={icon}>
      {word}
    </Tag>
  )
}

export interface PersonRow {
  employeeId: number
  name: string // with titles
  jabatan: string
  unitName: string
  status: PersonStatus
  detail: string // reason in words, "" when there is none
  agreedAt: Date | undefined
}

export interface PeopleProps extends PageProps {
  campaign: CampaignLabel
  unit: { unitId: number; name: string }
  status: PersonStatus | undefined // the filter
  counts: Readonly<Record<PersonStatus, number>>
  people: readonly PersonRow[]
  page: number // from 1
  pageCount: number
}

/** Names of a subtree with where each stands, for those who may see names. */
export function PeoplePage({ frame, campaign, unit, status, counts, people, page, pageCount }: PeopleProps) {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0)
  const base = paths.people(campaign.id, unit.unitId)
  const pageHref = (to: number) => `${base}?${status ? `status=${status}&` : ''}page=${to}`
  return (
    <Layout frame={frame} title={`Daftar nama ${unit.name}`} section={paths.coverage}>
      <BackLink href={paths.coverageUnit(campaign.id, unit.unitId)}>Cakupan {unit.name}</BackLink>
      <p class="over">{campaign.name}</p>
      <h1>Daftar nama {unit.name}</h1>
      <form class="row" method="get" action={base}>
        <Select
          name="status"
          label="Tampilkan"
          value={status ?? ''}
          options={[
            { value: '', label: `Semua (${formatCount(all)})` },
            ...(Object.keys(statuses) as PersonStatus[]).map((value) => ({
              value,
              label: `${statuses[value].word} (${formatCount(counts[value])})`,
            })),
          ]}
        />
        <div class="field">
          <Submit kind="second">Terapkan</Submit>
        </div>
      </form>
      {people.length === 0 ? (
        <p>Tidak ada pegawai dengan status ini. Pilih status lain atau “Semua”.</p>
      ) : (
        <table class="cards">
          <caption class="hidden-visually">
            Pegawai, halaman {page} dari {pageCount}
          </caption>
          <thead>
            <tr>
              <th scope="col">Nama</th>
              <th scope="col">Jabatan</th>
              <th scope="col">Unit</th>
              <th scope="col">Status</th>
            </tr>
          </thead>
          <tbody>
            {people.map((person) => (
              <tr>
                <th scope="row">
                  <a href={paths.person(campaign.id, person.employeeId)}>{person.name}</a>
                </th>
                <td>{person.jabatan}</td>
                <td>{person.unitName}</td>
                <td>
                  <span>
                    <StatusTag status={person.status} />
                    {(person.agreedAt || person.detail) && (
                      <span class="under quiet">
                        {person.agreedAt ? formatMoment(person.agreedAt, campaign.zone) : person.detail}
                      </span>
                    )}
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Pages page={page} pageCount={pageCount} hrefOf={pageHref} />
      <div class="actions noprint">
        <a href={paths.peopleExport(campaign.id, unit.unitId, 'xlsx')}>Unduh daftar XLSX</a>
        <a href={paths.peopleExport(campaign.id, unit.unitId, 'csv')}>Unduh daftar CSV</a>
      </div>
    </Layout>
  )
}

/** The way through a long list. */
export function Pages({
  page,
  pageCount,
  hrefOf,
}: {
  page: number
  pageCount: number
  hrefOf: (page: number) => string
}) {
  if (pageCount <= 1) return null
  return (
    <nav class="actions noprint" aria-label="Halaman daftar">
      {page > 1 && (
        <a class="button second" href={hrefOf(page - 1)} rel="prev">
          Sebelumnya
        </a>
      )}
      <span>
        Halaman {formatCount(page)} dari {formatCount(pageCount)}
      </span>
      {page < pageCount && (
        <a class="button second" href={hrefOf(page + 1)} rel="next">
          Berikutnya
        </a>
      )}
    </nav>
  )
}

export interface Person {
  employeeId: number
  name: string // with titles
  identityLabel: string
  identityNumber: string
  jabatan: string
  unitName: string
  email: string | undefined
  status: PersonStatus
  detail: string // reason in words
  note: string // what the person wrote; only where the account may read it
  invitedAt: Date | undefined
  openedAt: Date | undefined
  agreedAt: Date | undefined
  code: string | undefined // of the sealed pact, plain
  method: string // how it was signed, in words; "" while it is not
}

export interface PersonProps extends PageProps {
  campaign: CampaignLabel
  unit: { unitId: number; name: string } // where "back" leads
  person: Person
  done?: string // what was just done, in words
  acts: {
    assist: boolean
    resend: boolean
    correctEmail: boolean
    exclude: boolean
    include: boolean
    revoke: boolean
    dossier: boolean
  }
}

/** One person: where they stand and what can be done. */
export function PersonPage({ frame, campaign, unit, person, done, acts }: PersonProps) {
  const moment = (at: Date | undefined) => at && formatMoment(at, campaign.zone)
  return (
    <Layout frame={frame} title={person.name} section={paths.coverage}>
      <div class="read">
        <BackLink href={paths.people(campaign.id, unit.unitId)}>Daftar nama {unit.name}</BackLink>
        <Done>{done}</Done>
        <h1>{person.name}</h1>
        <p>
          <StatusTag status={person.status} />
        </p>
        <Facts
          rows={[
            [person.identityLabel, person.identityNumber],
            ['Jabatan', person.jabatan],
            ['Unit kerja', person.unitName],
            ['Surel', person.email ?? 'Belum ada'],
            ['Alasan', person.detail],
            ['Keterangan', person.note],
            ['Diundang', moment(person.invitedAt)],
            ['Dibuka', moment(person.openedAt)],
            ['Menandatangani', moment(person.agreedAt)],
            ['Cara', person.method],
          ]}
        />
        {person.code && (
          <div class="actions">
            <a class="button" href={paths.personPact(campaign.id, person.employeeId)}>
              Unduh pakta (PDF)
            </a>
            <a href={paths.verdict(person.code)}>Periksa keasliannya</a>
            {acts.dossier && <a href={paths.personDossier(campaign.id, person.employeeId)}>Berkas perkara</a>}
            {acts.revoke && <a href={paths.revoke(person.code)}>Cabut pakta ini</a>}
          </div>
        )}
        {Object.entries(acts).some(([act, may]) => !['revoke', 'dossier'].includes(act) && may) && (
          <h2>Tindakan</h2>
        )}
        {acts.resend && (
          <form method="post" action={paths.personResend(campaign.id, person.employeeId)}>
            <p>Pengingat memuat tautan yang sama. Tautan baru mematikan tautan yang lama.</p>
            <div class="actions">
              <Submit kind="second" name="kind" value="reminder">
                Kirim pengingat
              </Submit>
              <Submit kind="second" name="kind" value="reissue">
                Kirim tautan baru
              </Submit>
            </div>
          </form>
        )}
        {(acts.assist || acts.correctEmail || acts.exclude) && (
          <ul>
            {acts.assist && (
              <li>
                <a class="more" href={paths.personKiosk(campaign.id, person.employeeId)}>
                  Bantu menandatangani di kios
                </a>
              </li>
            )}
            {acts.correctEmail && (
              <li>
                <a class="more" href={paths.personEmail(campaign.id, person.employeeId)}>
                  Perbaiki alamat surel
                </a>
              </li>
            )}
            {acts.exclude && (
              <li>
                <a class="more" href={paths.personExclude(campaign.id, person.employeeId)}>
                  Catat pengecualian
                </a>
              </li>
            )}
          </ul>
        )}
        {acts.include && (
          <form method="post" action={paths.personInclude(campaign.id, person.employeeId)}>
            <Submit kind="second">Akhiri pengecualian</Submit>
          </form>
        )}
      </div>
    </Layout>
  )
}

interface PersonFormProps extends PageProps {
  campaign: CampaignLabel
  person: Pick<Person, 'employeeId' | 'name' | 'email'>
  form?: FormState
}

function PersonForm({
  frame,
  campaign,
  person,
  form = emptyForm,
  title,
  children,
}: PersonFormProps & { title: string; children: ComponentChildren }) {
  return (
    <Layout frame={frame} title={title} section={paths.coverage} wrong={form.errors.length > 0}>
      <div class="read">
        <BackLink href={paths.person(campaign.id, person.employeeId)} />
        <ErrorSummary errors={form.errors} />
        <p class="over">{person.name}</p>
        <h1>{title}</h1>
        {children}
      </div>
    </Layout>
  )
}

/** Takes a person out of the denominator, with a reason that is logged. */
export function ExcludePage(props: PersonFormProps) {
  const { campaign, person, form = emptyForm } = props
  return (
    <PersonForm {...props} title="Catat pengecualian">
      <p>
        Orang ini tidak lagi dihitung sebagai wajib menandatangani. Siapa yang mencatat, kapan, dan alasannya
        disimpan dan dapat diperiksa auditor.
      </p>
      <form method="post" action={paths.personExclude(campaign.id, person.employeeId)} novalidate>
        <Radios
          name="reason"
          label="Alasan"
          form={form}
          options={(Object.keys(exclusionReasons) as ExclusionReason[]).map((value) => ({
            value,
            label: exclusionReasons[value],
          }))}
        />
        <TextArea
          name="note"
          label="Keterangan (boleh dikosongkan)"
          hint="Misalnya nomor dan tanggal surat keputusan."
          form={form}
          maxLength={500}
        />
        <Submit>Catat pengecualian</Submit>
      </form>
    </PersonForm>
  )
}

/** An officer confirms the person before them and lends them this device. */
export function KioskPage(
  props: PersonFormProps & { identity: { label: string; number: string }; minutes: number },
) {
  const { campaign, person, identity, minutes, form = emptyForm } = props
  return (
    <PersonForm {...props} title="Bantu menandatangani di kios">
      <p>
        Untuk orang yang hadir di depan Anda dan tidak memakai ponselnya sendiri. Ia membaca dan
        menandatangani sendiri di perangkat ini. Nama Anda dicatat sebagai petugas yang mengenalinya.
      </p>
      <Facts
        rows={[
          ['Nama', person.name],
          [identity.label, identity.number],
        ]}
      />
      <form method="post" action={paths.personKiosk(campaign.id, person.employeeId)} novalidate>
        <div class="consents">
          <Consent
            name="isPresent"
            label="Orang ini hadir di depan saya, dan wajah serta namanya cocok dengan kartu identitasnya."
            form={form}
          />
        </div>
        <p class="quiet">
          Halaman pakta terbuka selama {minutes} menit. Serahkan perangkat kepadanya; jangan menandatangani
          untuknya.
        </p>
        <Submit>Buka pakta di perangkat ini</Submit>
      </form>
    </PersonForm>
  )
}

/** What a neutrality case needs of one person's pact, in one file, and for which case it was asked. */
export function DossierPage(props: PersonFormProps) {
  const { campaign, person, form = emptyForm } = props
  return (
    <PersonForm {...props} title="Berkas perkara">
      <p>
        Satu berkas ZIP untuk Bawaslu, dan dari sana untuk BKN dan PPK: pakta, ringkasan, catatan
        perjalanannya, sertifikat akar, dan cara memeriksanya tanpa layanan ini. Berkas memuat data pribadi.
      </p>
      <form method="post" action={paths.personDossier(campaign.id, person.employeeId)} novalidate>
        <TextField
          name="caseNumber"
          label="Nomor perkara"
          hint="Nomor laporan atau temuan Bawaslu. Nomor ini dan nama Anda dicatat."
          form={form}
          maxLength={200}
        />
        <Submit>Unduh berkas perkara (ZIP)</Submit>
      </form>
    </PersonForm>
  )
}

/** Mends an address; the person gets a new link there and the old one dies. */
export function CorrectEmailPage(props: PersonFormProps & { secondEmail: string | undefined }) {
  const { campaign, person, secondEmail, form = emptyForm } = props
  return (
    <PersonForm {...props} title="Perbaiki alamat surel">
      <p>
        Pastikan alamat ini dibaca sendiri oleh yang bersangkutan, bukan kotak surel bersama. Tautan baru
        dikirim ke alamat ini dan tautan lama tidak berlaku lagi.
      </p>
      <Facts rows={[['Alamat sekarang', person.email ?? 'Belum ada']]} />
      <form method="post" action={paths.personEmail(campaign.id, person.employeeId)} novalidate>
        <TextField
          name="email"
          type="email"
          label="Alamat surel yang benar"
          form={form}
          autoComplete="off"
          inputMode="email"
          spellcheck={false}
          maxLength={254}
        />
        <Submit>Simpan dan kirim tautan baru</Submit>
      </form>
      <h2>Surel kedua</h2>
      <p>
        Untuk kode sekali pakai, bila kegiatan memintanya. Tautan tetap pada surel yang pertama. Kosongkan
        untuk menghapusnya.
      </p>
      <form method="post" action={paths.personSecondEmail(campaign.id, person.employeeId)} novalidate>
        <TextField
          name="secondEmail"
          type="email"
          label="Alamat surel kedua"
          form={form}
          value={secondEmail ?? ''}
          autoComplete="off"
          inputMode="email"
          spellcheck={false}
          maxLength={254}
        />
        <Submit kind="second">Simpan surel kedua</Submit>
      </form>
    </PersonForm>
  )
}

export interface UndeliverableProps extends PageProps {
  campaign: CampaignLabel
  unit: { unitId: number; name: string }
  groups: readonly {
    unitName: string
    people: readonly {
      employeeId: number
      name: string
      email: string | undefined
      reply: string
      proposal?: ProposedAddress | undefined
    }[]
  }[]
  seesActions: boolean // whether names lead to a page where the address can be mended
  mayConfirm: boolean // addresses that people propose
  proposal: { href: string; address: string } // where they do: the way there, and as it is told to others
  done?: string | undefined
}

/** Who could not be reached, unit by unit. */
export function UndeliverablePage({
  frame,
  campaign,
  unit,
  groups,
  seesActions,
  proposal,
  mayConfirm,
  done,
}: UndeliverableProps) {
  return (
    <Layout frame={frame} title={`Surel tidak terkirim, ${unit.name}`} section={paths.coverage}>
      <BackLink href={paths.coverageUnit(campaign.id, unit.unitId)}>Cakupan {unit.name}</BackLink>
      <Done>{done}</Done>
      <h1>Surel tidak terkirim</h1>
      {groups.length === 0 ? (
        <Notice tone="good">
          <p>Semua orang di {unit.name} dapat dihubungi.</p>
        </Notice>
      ) : (
        <p class="read">
          Orang-orang ini belum punya alamat surel, atau surelnya ditolak untuk seterusnya. Perbaiki
          alamatnya; tautan baru terkirim dengan sendirinya. Orangnya sendiri dapat mengusulkan alamat di{' '}
          <a href={proposal.href}>{proposal.address}</a>; usulannya tampil di sini dan baru berlaku setelah
          dipastikan.
        </p>
      )}
      {groups.map((group) => (
        <table class="cards">
          <caption>{group.unitName}</caption>
          <thead>
            <tr>
              <th scope="col">Nama</th>
              <th scope="col">Alamat surel</th>
              <th scope="col">Jawaban peladen surel</th>
            </tr>
          </thead>
          <tbody>
            {group.people.map((person) => (
              <tr>
                <th scope="row">
                  {seesActions ? (
                    <a href={paths.personEmail(campaign.id, person.employeeId)}>{person.name}</a>
                  ) : (
                    person.name
                  )}
                </th>
                <td data-label="Surel">{person.email ?? 'Belum ada'}</td>
                <td>
                  {person.reply || 'Tidak ada alamat'}
                  {person.proposal && (
                    <Proposal
                      {...{ proposal: person.proposal, employeeId: person.employeeId, name: person.name }}
                      {...{ campaign, unitId: unit.unitId, mayConfirm }}
                    />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </Layout>
  )
}
