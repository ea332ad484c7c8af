import type { VNode } from 'preact'
import type { Role } from '../../src/domain/account.js'
import { type Identity, methodWords, type PactText, secondFactorWords } from '../../src/domain/pact.js'
import type { Frame } from '../../src/web/layout.js'
import * as link from '../../src/web/link.js'
import * as open from '../../src/web/public.js'
import * as signin from '../../src/web/signin.js'
import * as answers from '../../src/web/answers.js'
import * as signing from '../../src/web/signing.js'
import { VerdictPage, type VerdictProps } from '../../src/web/verdict.js'

/** One page with invented facts, named for its picture. */
export interface Scene {
  name: string
  page: VNode
}

export const frame: Frame = {
  pemdaName: 'Pemerintah Kota Kendari',
  emblemPath: undefined,
  demo: true,
  assetVersion: '1',
  scripts: {},
  account: undefined,
}

export const asRole = (role: Role, name: string): Frame => ({ ...frame, account: { name, role } })

export const zone = 'WITA'
export const at = (iso: string) => new Date(iso)
const token = 'dGVzdC1zYWphLWJ1a2FuLXRhdXRhbi1zdW5nZ3VoYW4'
export const code = '3QFZ7T0M2KX9WB4CHR5DJ8NPYA'
const grouped = '3QFZ-7T0M-2KX9-WB4C-HR5D-J8NPYA'
const contact = 'BKPSDM Kota Kendari, telepon (0401) 000000 atau pdp@contoh.kendarikota.go.id'

export const identity: Identity = {
  name: 'Wa Ode Sitti Rahmawati Nuraeni, S.Sos., M.A.P.',
  identityLabel: 'NIP',
  identityNumber: '198503122010012017',
  rank: 'Penata Tk. I, III/d',
  jabatan: 'Analis Sumber Daya Manusia Aparatur Ahli Muda',
  capacity: '',
  unitName: 'Bidang Mutasi dan Promosi',
  opdName: 'Badan Kepegawaian dan Pengembangan Sumber Daya Manusia',
  pemdaName: 'Pemerintah Kota Kendari',
}

const words = (text: string) => [{ text }]
const points = [
  'mendahulukan tugas pelayanan publik di atas pilihan politik pribadi serta melayani setiap warga secara setara, tanpa membedakan pilihan politiknya;',
  'tidak menunjukkan dukungan atau penolakan kepada bakal calon, calon, pasangan calon, partai politik, atau tim pemenangan, baik dengan ucapan, tulisan, gerak atau simbol, pemakaian atribut, maupun kehadiran pada kegiatan kampanye di luar penugasan resmi;',
  'tidak mengambil keputusan, menyusun kegiatan, atau melakukan tindakan jabatan yang memberi keuntungan ataupun kerugian kepada salah satu peserta;',
  'tidak mengajak, mengarahkan, menekan, mengancam, atau menjanjikan sesuatu kepada rekan kerja, bawahan, keluarga, maupun warga agar memilih atau tidak memilih peserta tertentu;',
  'tidak memakai gedung, kendaraan, anggaran, data, waktu kerja, dan fasilitas kedinasan lainnya bagi kepentingan peserta mana pun;',
  'berhati-hati di media sosial dan grup percakapan dengan tidak membuat, menyukai, mengomentari, membagikan, ataupun mengikuti konten dan akun yang memihak, serta tidak meneruskan kabar bohong dan ujaran kebencian;',
  'menolak uang, barang, jasa, jabatan, atau janji yang berhubungan dengan dukungan politik, dan melaporkan dugaan pelanggaran yang saya ketahui kepada atasan, Inspektorat, atau Bawaslu.',
]

export const pactText: PactText = {
  blocks: [
    { kind: 'title', level: 1, runs: words('PAKTA INTEGRITAS') },
    { kind: 'title', level: 1, runs: words('NETRALITAS APARATUR SIPIL NEGARA') },
    {
      kind: 'title',
      level: 2,
      runs: words('PADA PEMILIHAN WALI KOTA DAN WAKIL WALI KOTA KENDARI TAHUN 2029'),
    },
    { kind: 'number', runs: words('Nomor: 800.1.10/1042/BKPSDM/2029') },
    { kind: 'paragraph', runs: words('Saya yang namanya tercantum pada naskah ini:') },
    {
      kind: 'identity',
      rows: [
        ['Nama', identity.name],
        ['NIP', '19850312 201001 2 017'],
        ['Pangkat/Golongan Ruang', identity.rank],
        ['Jabatan', identity.jabatan],
        ['Unit Kerja', identity.unitName],
        ['Perangkat Daerah', `${identity.opdName}, ${identity.pemdaName}`],
      ].map(([label, value]) => ({ label: label!, value: words(value!) })),
    },
    {
      kind: 'paragraph',
      runs: words(
        'dengan sadar, sukarela, dan tanpa tekanan dari siapa pun, berjanji kepada negara dan masyarakat bahwa dalam seluruh rangkaian pemilihan, baik menjelang, selama, maupun sesudah tahapannya, saya akan:',
      ),
    },
    ...points.map((text, index) => ({ kind: 'point' as const, number: index + 1, runs: words(text) })),
    {
      kind: 'paragraph',
      runs: words(
        'Pakta ini tidak mengurangi hak saya sebagai warga negara untuk memberikan suara secara bebas dan rahasia di tempat pemungutan suara.',
      ),
    },
    {
      kind: 'paragraph',
      runs: words(
        'Apabila saya terbukti mengingkari isi pakta ini, saya bersedia diperiksa serta menerima sanksi moral, hukuman disiplin, atau sanksi lain berdasarkan ketentuan peraturan perundang-undangan.',
      ),
    },
    {
      kind: 'signature',
      side: 'right',
      above: [words('Kendari, 12 Maret 2029'), words('Yang menyatakan,')],
      slot: 'PENANDA_TANGAN',
      below: [
        [{ text: identity.name, bold: true }],
        words(identity.rank),
        words('NIP 19850312 201001 2 017'),
      ],
    },
    { kind: 'note', runs: [{ text: 'Ditandatangani pada 12 Maret 2029 pukul 09.15 WITA.', italic: true }] },
  ],
}

export const device = {
  ...{ keyAddress: `/t/${token}/kunci`, ownAddress: `/t/${token}/tanda-tangan-sendiri`, scope: token },
  ...{ slot: 'PENANDA_TANGAN', name: identity.name, numberHead: '', reason: 'Menyetujui', issuerSha256: '' },
}
const signingProps: signing.SigningProps = {
  frame,
  token,
  documentName: 'Pakta Integritas Netralitas ASN',
  identity,
  identityTailLength: 4,
  text: pactText,
  textSha256: 'a'.repeat(64),
  device,
  expiresAt: at('2029-03-19T08:00:00Z'),
  zone,
  retention: '5 tahun',
  privacyContact: contact,
  mayUseOwnCertificate: false,
  needsOwnKey: false,
  officer: undefined,
  code: undefined,
}
const code6 = { addressMasked: 's•••@surel.example', sentAt: undefined, minutes: 10, contact }

const verdict: VerdictProps = {
  frame,
  outcome: 'valid',
  fromFile: false,
  code,
  zone,
  revocation: undefined,
  waitingCount: 0,
  checks: [
    { label: 'Catatan kami', result: 'pass', detail: 'Kode terdaftar dan pakta sudah disegel.' },
    {
      label: 'Isi berkas',
      result: 'unknown',
      detail: 'Tidak diperiksa: hanya kode yang diberikan, bukan berkasnya.',
    },
    { label: 'Segel elektronik', result: 'pass', detail: 'Tanda tangan segel cocok dengan sertifikatnya.' },
    {
      label: 'Waktu',
      result: 'unknown',
      detail: 'Belum ada penanda waktu dari pihak lain; waktu menurut jam layanan ini.',
    },
  ],
  signatures: [
    {
      role: 'Penanda tangan',
      name: 'W. O. S. R. N.',
      institution: 'BKPSDM Kota Kendari',
      numberEnd: '017',
      at: at('2029-03-12T01:15:00Z'),
      isStamped: true,
      method: methodWords['own-device-key'],
      level: 'PAdES-BASELINE-LTA: arsip jangka panjang, tidak memerlukan layanan ini',
    },
    {
      role: 'Segel instansi',
      name: 'Pemerintah Kota Kendari (CONTOH)',
      institution: 'Pemerintah Kota Kendari',
      numberEnd: undefined,
      at: at('2029-03-12T01:15:20Z'),
      isStamped: true,
      method: methodWords['institution-seal'],
      level: 'PAdES-BASELINE-LTA: arsip jangka panjang, tidak memerlukan layanan ini',
    },
  ],
  document: {
    kind: 'Pakta Integritas Netralitas ASN',
    number: '800.1.10/1042/BKPSDM/2029',
    unitName: 'Badan Kepegawaian dan Pengembangan Sumber Daya Manusia',
    pemdaName: 'Pemerintah Kota Kendari',
    fingerprint: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  },
  checkedAt: at('2029-03-14T03:30:00Z'),
  fileBytesMax: 20_000_000,
}

const publicScenes: Scene[] = [
  {
    name: 'home',
    page: <open.HomePage frame={frame} electionName="Pemilihan Wali Kota dan Wakil Wali Kota Kendari 2029" />,
  },
  { name: 'verify', page: <open.VerifyFormPage frame={frame} fileBytesMax={20_000_000} /> },
  {
    name: 'verify-wrong',
    page: (
      <open.VerifyFormPage
        frame={frame}
        fileBytesMax={20_000_000}
        codeForm={{
          values: { kode: '3QFZ-7T0M' },
          errors: [{ field: 'kode', message: 'Kode baru 8 karakter; seharusnya 26 karakter' }],
        }}
        fileForm={{
          values: {},
          errors: [{ field: 'file', message: 'Pilih berkas PDF yang akan diperiksa' }],
        }}
      />
    ),
  },
  { name: 'verdict-valid', page: <VerdictPage {...verdict} /> },
  {
    name: 'verdict-collective',
    page: (
      <VerdictPage
        {...verdict}
        document={{ ...verdict.document!, kind: 'Pakta Integritas Kolektif', people: 188 }}
      />
    ),
  },
  { name: 'verdict-incomplete', page: <VerdictPage {...verdict} outcome="incomplete" waitingCount={1} /> },
  {
    name: 'verdict-invalid',
    page: (
      <VerdictPage
        {...verdict}
        outcome="invalid"
        fromFile
        checks={[
          { label: 'Isi berkas', result: 'fail', detail: 'Bita ke-48.201 berbeda dari yang ditandatangani.' },
          ...verdict.checks.slice(2),
        ]}
        signatures={[]}
      />
    ),
  },
  {
    name: 'verdict-revoked',
    page: (
      <VerdictPage
        {...verdict}
        outcome="revoked"
        revocation={{
          at: at('2029-04-02T02:00:00Z'),
          reason: 'data penanda tangan keliru, diganti dengan pakta baru',
        }}
      />
    ),
  },
  {
    name: 'verdict-not-found',
    page: <VerdictPage {...verdict} outcome="not_found" checks={[]} signatures={[]} document={undefined} />,
  },
  { name: 'privacy', page: <open.PrivacyPage frame={frame} retention="5 tahun" contact={contact} /> },
  { name: 'accessibility', page: <open.AccessibilityPage frame={frame} contact={contact} /> },
  {
    name: 'about',
    page: (
      <open.AboutPage
        frame={frame}
        version="0.1.0"
        attributions={[
          {
            name: 'idn-area-data',
            licence: 'ODbL 1.0',
            text: 'Nama dan kode wilayah berasal dari basis data idn-area-data, tersedia menurut Open Database License 1.0.',
          },
        ]}
      />
    ),
  },
  { name: 'error', page: <open.FaultPage frame={frame} reference="7K2M-44QX" /> },
  { name: 'not-found', page: <open.NotFoundPage frame={frame} /> },
  { name: 'forbidden', page: <open.ForbiddenPage frame={frame} /> },
  { name: 'too-many', page: <open.TooManyPage frame={frame} retryAfterSeconds={300} /> },
]

const signingScenes: Scene[] = [
  { name: 'signing', page: <signing.SigningPage {...signingProps} /> },
  {
    name: 'signing-wrong',
    page: (
      <signing.SigningPage
        {...signingProps}
        form={{
          values: { isSelf: 'yes', typedName: 'Wa Ode Sitti', identityTail: '2016', method: 'typed' },
          errors: [
            { field: 'hasRead', message: 'Centang bahwa Anda telah membaca seluruh isi pakta' },
            { field: 'isBinding', message: 'Centang bahwa tanda tangan ini mengikat Anda' },
            { field: 'identityTail', message: '4 angka terakhir NIP tidak cocok' },
            { field: 'typedName', message: 'Ketik nama lengkap seperti tertulis pada pakta' },
          ],
        }}
      />
    ),
  },
  {
    name: 'signing-joint',
    page: (
      <signing.SigningPage
        {...signingProps}
        documentName="Pakta Integritas Netralitas Bersama"
        identity={{
          ...{
            ...identity,
            name: 'Rekaan Kepala Daerah, S.E.',
            identityLabel: '',
            identityNumber: '',
            rank: '-',
          },
          ...{ capacity: '', jabatan: 'Sekretaris Daerah, mewakili Wali Kota', unitName: 'Kota Rekaan' },
        }}
      />
    ),
  },
  {
    name: 'signing-dispute',
    page: <answers.DisputePage frame={frame} token={token} identity={identity} identityTailLength={4} />,
  },
  {
    name: 'signing-dispute-wrong',
    page: (
      <answers.DisputePage
        frame={frame}
        token={token}
        identity={identity}
        identityTailLength={4}
        form={{ values: { note: '' }, errors: [{ field: 'note', message: 'Tuliskan apa yang keliru' }] }}
      />
    ),
  },
  { name: 'signing-own-certificate', page: <signing.SigningPage {...signingProps} mayUseOwnCertificate /> },
  {
    name: 'signing-code',
    page: <signing.SigningPage {...signingProps} code={code6} needsOwnKey />,
  },
  {
    name: 'signing-code-sent',
    page: (
      <signing.SigningPage
        {...signingProps}
        code={{ ...code6, sentAt: at('2029-03-12T01:10:00Z') }}
        form={{
          values: {},
          errors: [
            {
              field: 'code',
              message: 'Kode tidak cocok. Periksa surel yang terbaru; masih ada 3 percobaan.',
            },
          ],
        }}
      />
    ),
  },
  {
    name: 'signing-code-no-address',
    page: <signing.SigningPage {...signingProps} code={{ ...code6, addressMasked: undefined }} />,
  },
  {
    name: 'signing-circular',
    page: (
      <signing.SigningPage
        {...signingProps}
        circular={{
          words: 'Surat Edaran Wali Kota tentang Netralitas ASN, Nomor 270/412/2029, 5 Maret 2029',
          size: '214 kB',
        }}
      />
    ),
  },
  {
    name: 'signing-kiosk',
    page: (
      <signing.SigningPage
        {...signingProps}
        officer={{ name: 'Wa Ode Rina', jabatan: 'Kasubag Kepegawaian' }}
      />
    ),
  },
  { name: 'signing-decline', page: <answers.DeclinePage frame={frame} token={token} /> },
  ...(['processing', 'sealed', 'waiting_witness', 'row'] as const).map((state) => ({
    name: `signing-done-${state.replace('_', '-')}`,
    page: (
      <signing.DonePage
        frame={frame}
        token={token}
        name={identity.name}
        code={grouped}
        certificate={{ sha256: '3f5a '.repeat(16).trim(), method: methodWords['own-device-key'] }}
        contact="BKPSDM Kota Kendari"
        secondFactor={state === 'sealed' ? secondFactorWords['in-person'] : undefined}
        kioskHref={state === 'sealed' ? '/pegawai/1/501' : undefined}
        signedAt={at('2029-03-12T01:15:00Z')}
        zone={zone}
        state={state}
        unitName="Dinas Kesehatan"
        verifyUrl={`https://pakta.contoh.kendarikota.go.id/v/${code}`}
      />
    ),
  })),
  { name: 'signing-disputed', page: <answers.DisputedPage frame={frame} token={token} contact={contact} /> },
  {
    name: 'signing-declined',
    page: (
      <answers.DeclinedPage
        frame={frame}
        token={token}
        reason="PERLU_PENJELASAN"
        expiresAt={at('2029-03-19T08:00:00Z')}
        zone={zone}
        contact={contact}
      />
    ),
  },
  { name: 'link-waiting', page: <link.LinkWaitingPage frame={frame} unitName="Dinas Kesehatan" /> },
  {
    name: 'link-expired',
    page: (
      <link.LinkExpiredPage
        frame={frame}
        token={token}
        expiredAt={at('2029-03-10T08:00:00Z')}
        zone={zone}
        emailMasked="wa•••••@gmail.com"
      />
    ),
  },
  { name: 'link-renewed', page: <link.LinkRenewedPage frame={frame} emailMasked="wa•••••@gmail.com" /> },
  ...[true, false].map((ready) => ({
    name: ready ? 'link-used' : 'link-used-processing',
    page: (
      <link.LinkUsedPage
        frame={frame}
        token={token}
        signedAt={at('2029-03-12T01:15:00Z')}
        zone={zone}
        code={grouped}
        ready={ready}
      />
    ),
  })),
  { name: 'link-replaced', page: <link.LinkReplacedPage frame={frame} /> },
  { name: 'link-malformed', page: <link.LinkMalformedPage frame={frame} contact={contact} /> },
  {
    name: 'link-closed',
    page: (
      <link.LinkClosedPage
        frame={frame}
        closedAt={at('2029-03-31T15:59:00Z')}
        zone={zone}
        contact={contact}
      />
    ),
  },
  {
    name: 'link-disputed',
    page: (
      <link.LinkDisputedPage
        frame={frame}
        reportedAt={at('2029-03-12T01:15:00Z')}
        zone={zone}
        contact={contact}
      />
    ),
  },
]

const signInScenes: Scene[] = [
  { name: 'sign-in', page: <signin.SignInPage frame={frame} /> },
  {
    name: 'sign-in-wrong',
    page: (
      <signin.SignInPage
        frame={frame}
        form={{
          values: { email: 'kepala' },
          errors: [{ field: 'email', message: 'Alamat surel perlu memuat @' }],
        }}
      />
    ),
  },
  { name: 'sign-in-sent', page: <signin.SignInSentPage frame={frame} expiresInMinutes={15} /> },
  { name: 'sign-in-confirm', page: <signin.SignInConfirmPage frame={frame} token={token} /> },
  { name: 'sign-in-expired', page: <signin.SignInExpiredPage frame={frame} /> },
]

/** Every page of the service that needs no account. */
export const openScenes: readonly Scene[] = [...publicScenes, ...signingScenes, ...signInScenes]
