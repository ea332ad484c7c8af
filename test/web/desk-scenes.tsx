import { methodWords, secondFactorWords } from '../../src/domain/pact.js'
import type { Counts, CoverageNode, GateState } from '../../src/domain/coverage.js'
import { addCounts, zeroCounts } from '../../src/domain/coverage.js'
import * as admin from '../../src/web/admin.js'
import * as assembly from '../../src/web/assembly.js'
import { drawQr } from '../../src/flow/assemble.js'
import * as campaign from '../../src/web/campaign.js'
import { CampaignNewPage, type CampaignNewProps } from '../../src/web/campaign-new.js'
import * as dashboard from '../../src/web/dashboard.js'
import * as documents from '../../src/web/documents.js'
import * as demo from '../../src/web/demo.js'
import * as joint from '../../src/web/joint.js'
import * as map from '../../src/web/map.js'
import * as people from '../../src/web/people.js'
import * as proposal from '../../src/web/proposal.js'
import * as region from '../../src/web/region.js'
import * as screen from '../../src/web/screen.js'
import * as roster from '../../src/web/roster.js'
import * as templates from '../../src/web/templates.js'
import * as ranking from '../../src/web/ranking.js'
import * as team from '../../src/web/team.js'
import * as witness from '../../src/web/witness.js'
import { asRole, at, code, device, frame, pactText, type Scene, zone } from './scenes.js'

const administrator = asRole('administrator', 'Nurhayati Tamrin, S.STP.')
const head = asRole('unit_head', 'dr. La Ode Hasanuddin, M.Kes.')
const bawaslu = asRole('bawaslu', 'Ahmad Syarif Laode')

const ceremony = { id: 1, name: 'Pakta Integritas Netralitas 2028', zone: 'WIB' as const }
const jointParties: joint.JointPartyRow[] = [
  {
    ...{ role: 'signer', name: 'Rekaan Kepala Daerah, S.E.', jabatan: 'Bupati', place: 'Kabupaten Rekaan' },
    ...{ mandate: undefined, email: 'bupati@rekaan.example' },
  },
  {
    ...{
      role: 'signer',
      name: 'Rekaan Wakil',
      jabatan: 'Sekretaris Daerah, mewakili Wali Kota',
      place: 'Kota Rekaan',
    },
    ...{ mandate: '800/12/2028, 2028-10-10', email: 'sekda@rekaan.example' },
  },
  {
    ...{ role: 'witness', name: 'Rekaan Saksi, S.H.', jabatan: 'Ketua', place: 'Bawaslu Provinsi Rekaan' },
    ...{ mandate: undefined, email: 'ketua@rekaan.example' },
  },
]

const entrance = 'https://pakta.rekaan.example/apel/9aQ2xkD0fW5c7uYhN3rT1vB8zL6mE4gJ2pS0iK9oUqA'
const bigScreen: screen.ScreenProps = {
  ...{ frame, title: 'Apel Netralitas ASN Kota Rekaan', unitName: 'Pemerintah Kota Rekaan' },
  state: {
    ...{ signed: 1204, required: 5130, present: 412, isEnded: false },
    recent: [
      { unitName: 'Kelurahan Anduonohu', at: '2028-10-17T01:20:00Z' },
      { unitName: 'Dinas Kesehatan', at: '2028-10-17T01:19:00Z' },
      { unitName: 'Badan Kepegawaian dan Pengembangan Sumber Daya Manusia', at: '2028-10-17T01:19:00Z' },
      { unitName: 'Puskesmas Poasia', at: '2028-10-17T01:18:00Z' },
    ],
  },
  ...{ startsAt: at('2028-10-17T01:00:00Z'), deadline: at('2028-11-17T08:00:00Z'), zone },
  entrance: { address: entrance, qr: drawQr(entrance) },
  ...{ feedPath: '/layar/x/aliran', pledgePath: '/layar/x/ikrar', now: at('2028-10-17T01:20:30Z') },
}

const counts = (required: number, signed: number, rest: Partial<Counts> = {}): Counts => ({
  ...zeroCounts,
  required,
  signed,
  invited: Math.min(required, signed + 40),
  opened: Math.min(required, signed + 18),
  ...rest,
})

let unitId = 100
const node = (
  kind: string,
  name: string,
  total: Counts,
  rest: { gate?: GateState; children?: CoverageNode[] } = {},
): CoverageNode => ({
  unitId: unitId++,
  code: `U${unitId}`,
  kind,
  name,
  own: zeroCounts,
  total,
  nonAsn: zeroCounts,
  children: [],
  ...rest,
})

const children = [
  node('opd', 'Sekretariat Daerah', counts(286, 286), { gate: 'open' }),
  node('opd', 'Badan Kepegawaian dan Pengembangan Sumber Daya Manusia', counts(64, 61, { declined: 1 }), {
    gate: 'open',
  }),
  node('opd', 'Dinas Kesehatan', counts(1042, 731, { undeliverable: 23, declined: 4, excluded: 12 }), {
    gate: 'open',
  }),
  node('opd', 'Dinas Pendidikan, Kepemudaan dan Olahraga', counts(2310, 0, { invited: 1, opened: 1 }), {
    gate: 'waiting_witness',
  }),
  node('opd', 'Satuan Polisi Pamong Praja', counts(118, 0, { invited: 0, opened: 0 }), {
    gate: 'head_missing',
  }),
  node('kecamatan', 'Kecamatan Poasia', counts(71, 71), { gate: 'open' }),
  node('kecamatan', 'Kecamatan Kendari Barat', counts(94, 40, { undeliverable: 3 }), { gate: 'overridden' }),
  node('kecamatan', 'Kecamatan Nambo', counts(0, 0, { invited: 0, opened: 0 }), { gate: 'waiting_head' }),
]
const total = children.map((child) => child.total).reduce(addCounts)
const root: CoverageNode = {
  ...node('pemda', 'Pemerintah Kota Kendari', total),
  nonAsn: counts(420, 96),
  children,
}
const label: dashboard.CampaignLabel = {
  id: 1,
  name: 'Pakta Integritas Netralitas 2029',
  deadline: at('2029-03-31T08:00:00Z'),
  zone,
}
const unit = { unitId: 102, name: 'Dinas Kesehatan' }
const coverage: dashboard.CoverageProps = {
  missing: { undeliverable: 23, waiting: 2428, invited: 71, opened: 64, declined: 5, disputed: 2 },
  ...{ signedToday: 118, place: undefined, mayRemind: true, hasDocuments: true },
  frame: administrator,
  campaign: label,
  trail: [],
  node: root,
  methods: [
    { words: methodWords['own-device-key'], count: 2141 },
    { words: `${methodWords['own-device-key']}; ${secondFactorWords['in-person']}`, count: 212 },
    { words: methodWords['one-time-server-key'], count: 96 },
  ],
  denominator: {
    unitCount: 112,
    requiredLegalStatuses: ['Aktif', 'CPNS'],
    exclusions: [
      { reason: 'CUTI', count: 9 },
      { reason: 'TUGAS_BELAJAR', count: 3 },
    ],
  },
  trend: [
    { day: '2029-03-08', signed: 24 },
    { day: '2029-03-09', signed: 210 },
    { day: '2029-03-12', signed: 415 },
    { day: '2029-03-13', signed: 330 },
    { day: '2029-03-14', signed: 210 },
  ],
  changes: [
    { day: '2029-03-09', cause: 'ADDED', arrived: 38, went: 0 },
    { day: '2029-03-13', cause: 'PENSIUN', arrived: 0, went: 5 },
  ],
  isBehind: false,
  seesNames: true,
  at: at('2029-03-14T03:30:00Z'),
}

const statusCounts = {
  signed: 731,
  disputed: 1,
  declined: 4,
  excluded: 12,
  undeliverable: 23,
  opened: 120,
  invited: 140,
  waiting: 23,
  exempt: 31,
}
const nobody = Object.fromEntries(
  Object.keys(statusCounts).map((status) => [status, 0]),
) as typeof statusCounts
const persons: people.PersonRow[] = (Object.keys(statusCounts) as people.PersonStatus[]).map(
  (status, index) => ({
    employeeId: 500 + index,
    name: ['Sitti Marwah, A.Md.Keb.', 'La Ode Ilham, S.K.M.', 'Andi Nurfadillah <script>alert(1)</script>'][
      index % 3
    ]!,
    jabatan: 'Bidan Terampil',
    unitName: 'Puskesmas Poasia',
    status,
    detail:
      {
        excluded: 'Cuti',
        declined: 'Saya perlu penjelasan lebih dahulu',
        undeliverable: '550 5.1.1 No such user',
      }[status as 'excluded'] ?? '',
    agreedAt: status === 'signed' ? at('2029-03-12T01:15:00Z') : undefined,
  }),
)
const person: people.Person = {
  employeeId: 501,
  name: 'La Ode Ilham, S.K.M.',
  identityLabel: 'NIP',
  identityNumber: '19900817 201402 1 004',
  jabatan: 'Epidemiolog Kesehatan Ahli Pertama',
  unitName: 'Puskesmas Poasia',
  email: 'ilham@contoh.id',
  status: 'opened',
  detail: '',
  note: '',
  invitedAt: at('2029-03-09T01:00:00Z'),
  openedAt: at('2029-03-10T02:00:00Z'),
  agreedAt: undefined,
  code: undefined,
  method: '',
}

const problems: roster.RosterProblemRow[] = [
  {
    severity: 'error',
    sheet: 'PNS',
    row: 214,
    column: 'NIP BARU',
    value: '198001152005012000',
    rule: 'NUMERIC',
    message:
      'Sel berisi angka; Excel membulatkan digit ke-16 dan seterusnya. Ubah kolom menjadi teks lalu isi ulang NIP.',
  },
  {
    severity: 'error',
    sheet: 'PPPK',
    row: 18,
    column: 'JABATAN NAMA',
    value: '=cmd|calc',
    rule: 'FORMULA',
    message: 'Sel berisi rumus. Ganti dengan teksnya.',
  },
  {
    severity: 'warning',
    sheet: 'PNS',
    row: 90,
    column: 'EMAIL',
    value: '',
    rule: 'EMAIL',
    message: 'Belum ada alamat surel; orang ini tampil pada daftar tidak terkirim.',
  },
]
const rosterCheck: roster.RosterCheckProps = {
  frame: administrator,
  importId: 7,
  fileName: 'SIASN Kendari Maret 2029.xlsx',
  rowCount: 5023,
  counts: { added: 41, changed: 130, moved: 17, left: 6, returned: 0 },
  examples: [
    {
      kind: 'moved',
      name: 'La Ode Ilham, S.K.M.',
      identityNumber: '199008172014021004',
      fromUnit: 'Puskesmas Abeli',
      toUnit: 'Puskesmas Poasia',
    },
    {
      kind: 'left',
      name: 'Hasan Basri',
      identityNumber: '196903031990031007',
      fromUnit: 'Dinas Sosial',
      toUnit: '',
    },
  ],
  problems,
  errorCount: 12,
  warningCount: 133,
  asksConfirmation: false,
}

const gates: campaign.GateRow[] = [
  {
    unitId: 101,
    name: 'Dinas Kesehatan',
    headName: 'dr. La Ode Hasanuddin, M.Kes.',
    witnessName: 'Ahmad Syarif Laode',
    state: 'open',
  },
  {
    unitId: 102,
    name: 'Dinas Sosial',
    headName: 'Plt. Hj. Sarinah Amir, S.E.',
    witnessName: 'Ahmad Syarif Laode',
    state: 'waiting_witness',
  },
  {
    unitId: 103,
    name: 'Satuan Polisi Pamong Praja',
    headName: undefined,
    witnessName: undefined,
    state: 'head_missing',
  },
]
const campaignProps: campaign.CampaignProps = {
  frame: administrator,
  campaign: {
    id: 1,
    name: label.name,
    electionName: 'Pemilihan Wali Kota dan Wakil Wali Kota Kendari Tahun 2029',
    state: 'draft',
    deadline: label.deadline,
    zone,
    openedAt: undefined,
    closedAt: undefined,
    requiredLegalStatuses: ['Aktif', 'CPNS'],
    templates: ['PI-PIMPINAN-UNIT versi 1', 'PI-ASN-INDIVIDU versi 1', 'PN-NON-ASN versi 1'],
    quietHours: '20.00 sampai 07.00 WITA',
    digest: 'Setiap Senin',
    remindAfterDays: [3, 7, 10],
  },
  gates,
  disputeCount: 0,
  circular: {
    words: 'Surat Edaran tentang Netralitas ASN, Nomor 270/412/2029, 5 Maret 2029',
    isFixed: false,
  },
  above: {
    campaigns: [{ id: 9, name: 'Pakta Integritas Netralitas Sulawesi Tenggara 2029' }],
    chosen: 9,
    shared: 'units',
  },
  mayChange: true,
}
const campaignNew: CampaignNewProps = {
  frame: administrator,
  chosenRules: { ownKey: ['HEAD'], code: [] },
  legalBases: [{ id: 1, version: 1 }],
  templates: [
    { code: 'PI-PIMPINAN-UNIT', version: 1, signerClass: 'HEAD', title: 'Pakta pimpinan unit' },
    { code: 'PI-ASN-INDIVIDU', version: 1, signerClass: 'ASN', title: 'Pakta ASN' },
    { code: 'PN-NON-ASN', version: 1, signerClass: 'NON_ASN', title: 'Pernyataan non-ASN' },
  ],
  gates: children.map((child) => ({ unitId: child.unitId, name: child.name })),
  legalStatuses: [
    { value: 'AKTIF', label: 'Aktif' },
    { value: 'CPNS', label: 'CPNS' },
    { value: 'CLTN', label: 'Cuti di luar tanggungan negara' },
  ],
  secondWitnesses: [{ accountId: 9, name: 'Asmawa Contoh, Pj. Wali Kota Pemerintah Kota Kendari' }],
  witnesses: [{ accountId: 4, name: 'Ahmad Syarif Laode, Bawaslu Kota Kendari' }],
  chosenUnits: children.map((child) => String(child.unitId)),
  chosenStatuses: ['AKTIF', 'CPNS'],
}
const gateProps: campaign.GateProps = {
  frame: administrator,
  campaign: { id: 1, name: label.name, zone },
  gate: { ...gates[2]!, headSignedAt: undefined, overriddenAt: undefined, overrideReason: undefined },
  witnesses: campaignNew.witnesses,
  witnessAccountId: undefined,
  mayOverride: true,
}

const adminHome: admin.AdminHomeProps = {
  frame: administrator,
  unitCount: 112,
  employeeCount: 5023,
  campaign: { id: 1, name: label.name, state: 'draft' },
  gatesWithoutHead: 1,
  gatesWithoutWitness: 1,
  accountCount: 6,
  disputeCount: 2,
  refusedMailCount: 23,
}
const accounts: admin.AccountRow[] = [
  {
    id: 1,
    name: 'Nurhayati Tamrin, S.STP.',
    email: 'nurhayati@contoh.id',
    role: 'administrator',
    scope: 'BKPSDM',
    disabled: false,
  },
  {
    id: 2,
    name: 'dr. La Ode Hasanuddin, M.Kes.',
    email: 'kadis@contoh.id',
    role: 'unit_head',
    scope: 'Dinas Kesehatan',
    disabled: false,
  },
  {
    id: 3,
    name: 'Ahmad Syarif Laode',
    email: 'syarif@contoh.id',
    role: 'bawaslu',
    scope: 'Bawaslu Kota Kendari',
    disabled: false,
  },
  {
    id: 4,
    name: 'Rahmat Saleh',
    email: 'rahmat@contoh.id',
    role: 'auditor',
    scope: 'Inspektorat',
    disabled: true,
  },
]
const disputePerson: admin.DisputeEditProps['person'] = {
  employeeId: 501,
  name: 'La Ode Ilham',
  titlePrefix: '',
  titleSuffix: 'S.K.M.',
  identityLabel: 'NIP',
  identityNumber: '19900817 201402 1 004',
  jabatan: 'Epidemiolog Kesehatan Ahli Pertama',
  grade: 'III/b',
  unitName: 'Puskesmas Poasia',
}
const witnessed: witness.WitnessRow[] = [
  {
    pactId: 11,
    unitName: 'Dinas Sosial',
    headName: 'Hj. Sarinah Amir, S.E.',
    signedAt: at('2029-03-12T01:15:00Z'),
    witnessedAt: undefined,
    sealed: false,
  },
  {
    pactId: 12,
    unitName: 'Kecamatan Poasia',
    headName: 'Muh. Rizal, S.STP.',
    signedAt: at('2029-03-12T03:40:00Z'),
    witnessedAt: undefined,
    sealed: false,
  },
]
const witnessPact: witness.WitnessPactProps = {
  frame: bawaslu,
  pactId: 11,
  unitName: 'Dinas Sosial',
  headName: 'Hj. Sarinah Amir, S.E.',
  signedAt: at('2029-03-12T01:15:00Z'),
  zone,
  text: pactText,
  textSha256: 'b'.repeat(64),
  witness: { name: 'Ahmad Syarif Laode', institution: 'Bawaslu Kota Kendari' },
  device,
  mayUseOwnCertificate: true,
}

/** Every page behind an account, and the demonstration's mailbox. */
export const deskScenes: readonly Scene[] = [
  { name: 'coverage', page: <dashboard.CoveragePage {...coverage} /> },
  {
    name: 'coverage-unit',
    page: (
      <dashboard.CoveragePage
        {...coverage}
        frame={head}
        trail={[{ unitId: 1, name: 'Pemerintah Kota Kendari' }]}
        node={{
          ...children[2]!,
          own: counts(48, 40),
          children: [
            node('puskesmas', 'Puskesmas Poasia', counts(63, 44)),
            node('puskesmas', 'Puskesmas Abeli', counts(51, 51)),
          ],
        }}
      />
    ),
  },
  {
    name: 'coverage-kecamatan',
    page: (
      <dashboard.CoveragePage
        {...coverage}
        trail={[{ unitId: 0, name: 'Kota Pariaman' }]}
        node={{
          ...node('kecamatan', 'Kecamatan Pariaman Tengah', counts(118, 71)),
          gate: 'open',
          children: [
            node('kelurahan', 'Kampung Baru', counts(14, 14)),
            node('kelurahan', 'Pondok II', counts(12, 10)),
            node('kelurahan', 'Jalan Kereta Api', counts(9, 5)),
            node('kelurahan', 'Jawi-Jawi II', counts(11, 3)),
            node('kelurahan', 'Alai Gelombang', counts(8, 0)),
            node('desa', 'Cubadak Air Utara', counts(0, 0)),
            node('desa', 'Rambai', counts(0, 0)),
          ],
        }}
      />
    ),
  },
  {
    name: 'joint-list',
    page: (
      <joint.JointListPage
        frame={administrator}
        campaign={ceremony}
        pacts={[
          {
            ...{ pactId: 7, title: 'Pakta bersama Sumatera Barat, 17 Oktober 2028', state: 'parties' },
            ...{ signed: 16, parties: 26, deadline: at('2028-10-17T11:00:00Z') },
          },
        ]}
        drafts={[{ draftId: 3, createdAt: at('2028-10-16T02:00:00Z') }]}
        isOpen
        hasTemplate
        mayChange
        problems={[
          {
            ...{ sheet: 'PIHAK', row: 7, column: 'NOMOR MANDAT', value: '', rule: 'REQUIRED' },
            message: 'Yang mewakili wajib memiliki nomor surat mandat.',
          },
        ]}
        form={{
          values: {},
          errors: [{ field: 'file', message: '1 kesalahan pada daftar; tidak ada yang disimpan' }],
        }}
      />
    ),
  },
  {
    name: 'joint-draft',
    page: (
      <joint.JointDraftPage
        frame={administrator}
        campaign={ceremony}
        draftId={3}
        isOrdered={false}
        deadline={at('2028-10-17T11:00:00Z')}
        parties={jointParties}
      />
    ),
  },
  {
    name: 'joint',
    page: (
      <joint.JointPage
        frame={administrator}
        campaign={ceremony}
        pactId={7}
        title="Pakta bersama Sumatera Barat, 17 Oktober 2028"
        code="7K2M 44QX 9ABC DEFG HJKM NPQR ST"
        state="parties"
        deadline={at('2028-10-17T11:00:00Z')}
        parties={jointParties.map((party, index) => ({
          ...party,
          ...{ partyId: index, standing: ['', 'Tautan dikirim', 'Menunggu gilirannya'][index]! },
          at: index === 0 ? at('2028-10-17T02:31:00Z') : undefined,
          isAsked: index === 1,
        }))}
        canDownload
        mayChange
      />
    ),
  },
  {
    name: 'joint-close',
    page: (
      <joint.JointEndPage
        frame={administrator}
        campaign={ceremony}
        pactId={7}
        title="Pakta bersama Sumatera Barat, 17 Oktober 2028"
        what="tutup"
        missing={['Rekaan Wakil, Sekretaris Daerah, mewakili Wali Kota Kota Rekaan']}
      />
    ),
  },
  {
    name: 'region',
    page: (
      <region.RegionPage
        frame={asRole('bawaslu', 'Alni Rekaan')}
        campaign={label}
        trail={[]}
        name="Provinsi Sumatera Barat"
        own={counts(18106, 9120)}
        ownHref="/cakupan/1/0"
        at={at('2029-03-14T03:30:00Z')}
        mayEnter
        violations={[
          { year: 2019, election: 'Pemilu', n: 27, source: 'Bawaslu Provinsi Sumatera Barat' },
          { year: 2020, election: 'Pemilihan', n: 71, source: 'Bawaslu Provinsi Sumatera Barat' },
        ]}
        regions={[
          'Kabupaten Pesisir Selatan',
          'Kabupaten Kepulauan Mentawai',
          'Kota Bukittinggi',
          'Kota Pariaman',
        ].map((name, index) => ({
          code: `13.0${index + 1}`,
          name,
          kelurahan: index < 2 ? 0 : 24,
          desa: index < 2 ? 182 : 0,
          hasCampaign: index !== 1,
          counts: counts(6000, [5100, 0, 6000, 1200][index]!),
          href: index % 2 === 0 ? '/cakupan/2/0' : undefined,
          violations: [{ year: 2020, n: index * 3 }],
        }))}
      />
    ),
  },
  { name: 'screen', page: <screen.ScreenPage {...bigScreen} /> },
  {
    name: 'pledge',
    page: <screen.PledgePage frame={frame} title="Apel Netralitas" text={pactText} screenPath="/layar/x" />,
  },
  {
    name: 'assemblies',
    page: (
      <assembly.AssembliesPage
        frame={administrator}
        campaign={ceremony}
        assemblies={[
          {
            id: 1,
            title: 'Apel Netralitas',
            startsAt: at('2028-10-17T01:00:00Z'),
            isEnded: false,
            present: 412,
          },
        ]}
        units={[{ unitId: 1, name: 'Dinas Kesehatan' }]}
        isOpen
        mayChange
        form={{ values: {}, errors: [{ field: 'title', message: 'Tulis nama apel' }] }}
      />
    ),
  },
  {
    name: 'assembly',
    page: (
      <assembly.AssemblyPage
        frame={administrator}
        campaign={ceremony}
        assembly={{
          ...{ id: 1, title: 'Apel Netralitas', startsAt: at('2028-10-17T01:00:00Z'), endedAt: undefined },
          unitName: 'Pemerintah Kota Rekaan',
        }}
        screenAddress="https://pakta.rekaan.example/layar/x"
        entranceAddress={bigScreen.entrance.address}
        present={{ all: 412, byOfficer: 9 }}
        people={[
          {
            ...{
              name: 'Wa Ode Rekaan, S.Kep.',
              unitName: 'Puskesmas Poasia',
              byOfficer: false,
              hasSigned: true,
            },
            at: at('2028-10-17T01:12:00Z'),
          },
          {
            ...{ name: 'La Rekaan', unitName: 'Kelurahan Anduonohu', byOfficer: true, hasSigned: false },
            at: at('2028-10-17T01:05:00Z'),
          },
        ]}
        mayChange
      />
    ),
  },
  {
    name: 'entrance',
    page: <assembly.EntrancePage frame={frame} token="x" title="Apel Netralitas" unitName="Kota Rekaan" />,
  },
  { name: 'entrance-sent', page: <assembly.EntranceSentPage frame={frame} token="x" /> },
  { name: 'entrance-closed', page: <assembly.EntranceClosedPage frame={frame} /> },
  {
    name: 'map',
    page: (
      <map.MapPage
        frame={administrator}
        places={['Kecamatan Mandonga', 'Kecamatan Poasia', 'Kecamatan Abeli', 'Kecamatan Kambu'].map(
          (name, index) => ({
            ...{ name, href: '/', counts: counts(80, [80, 65, 22, 5][index]!) },
            shape: {
              code: `74.71.0${index}`,
              polygons: [
                [
                  [122.5, 122.5, 122.6, 122.6, 122.5].map((x, corner): [number, number] => [
                    x + (index % 2) * 0.1,
                    [-4, -3.9, -3.9, -4, -4][corner]! + (index > 1 ? 0.1 : 0),
                  ]),
                ],
              ],
            },
          }),
        )}
        shapeCount={4}
        unknown={['74.72.01']}
        without={['Kecamatan Wua-Wua']}
        mayChange
        form={{ values: {}, errors: [{ field: 'file', message: 'Koordinat 74.71.01 tertukar.' }] }}
      />
    ),
  },
  {
    name: 'violations',
    page: (
      <region.ViolationPage
        frame={bawaslu}
        campaign={ceremony}
        places={[
          { pemdaId: 1, name: 'Provinsi Rekaan' },
          { pemdaId: 2, name: 'Kota Rekaan' },
        ]}
        form={{
          values: { year: '20' },
          errors: [{ field: 'year', message: 'Tulis tahun dengan empat angka, misalnya 2020.' }],
        }}
      />
    ),
  },
  {
    name: 'coverage-empty',
    page: (
      <dashboard.CoveragePage
        {...coverage}
        node={{ ...root, total: zeroCounts, children: [] }}
        trend={[]}
        seesNames={false}
      />
    ),
  },
  { name: 'coverage-no-campaign', page: <dashboard.NoCampaignPage frame={head} /> },
  {
    name: 'people',
    page: (
      <people.PeoplePage
        frame={head}
        campaign={label}
        unit={unit}
        status={undefined}
        counts={statusCounts}
        people={persons}
        page={2}
        pageCount={22}
      />
    ),
  },
  {
    name: 'people-none',
    page: (
      <people.PeoplePage
        frame={head}
        campaign={label}
        unit={unit}
        status="disputed"
        counts={nobody}
        people={[]}
        page={1}
        pageCount={1}
      />
    ),
  },
  {
    name: 'person',
    page: (
      <people.PersonPage
        frame={administrator}
        campaign={label}
        unit={unit}
        person={person}
        done="Pengingat masuk antrean pengiriman."
        acts={{
          assist: true,
          resend: true,
          correctEmail: true,
          exclude: true,
          include: false,
          revoke: false,
          dossier: false,
        }}
      />
    ),
  },
  {
    name: 'person-signed',
    page: (
      <people.PersonPage
        frame={administrator}
        campaign={label}
        unit={unit}
        person={{ ...person, status: 'signed', agreedAt: at('2029-03-12T01:15:00Z'), code }}
        acts={{
          assist: false,
          resend: false,
          correctEmail: false,
          exclude: false,
          include: true,
          revoke: true,
          dossier: true,
        }}
      />
    ),
  },
  {
    name: 'person-exclude',
    page: (
      <people.ExcludePage
        frame={administrator}
        campaign={label}
        person={person}
        form={{ values: {}, errors: [{ field: 'reason', message: 'Pilih alasan pengecualian' }] }}
      />
    ),
  },
  {
    name: 'person-email',
    page: (
      <people.CorrectEmailPage
        frame={administrator}
        campaign={label}
        person={person}
        secondEmail="ilham@surel.example"
      />
    ),
  },
  {
    name: 'person-kiosk',
    page: (
      <people.KioskPage
        frame={administrator}
        campaign={label}
        person={person}
        identity={{ label: 'NIP', number: person.identityNumber }}
        minutes={15}
      />
    ),
  },
  {
    name: 'person-dossier',
    page: (
      <people.DossierPage
        frame={administrator}
        campaign={label}
        person={person}
        form={{
          values: {},
          errors: [{ field: 'caseNumber', message: 'Tulis nomor perkara, paling banyak 200 huruf.' }],
        }}
      />
    ),
  },
  {
    name: 'undeliverable',
    page: (
      <people.UndeliverablePage
        frame={administrator}
        campaign={label}
        unit={unit}
        seesActions
        mayConfirm
        proposal={{
          href: '/usul-surel/74.71',
          address: 'https://pakta.contoh.kendarikota.go.id/usul-surel/74.71',
        }}
        groups={[
          {
            unitName: 'Puskesmas Poasia',
            people: [
              {
                employeeId: 1,
                name: 'Sitti Marwah, A.Md.Keb.',
                email: 'marwah@contoh.id',
                reply: '550 5.1.1 No such user',
              },
              {
                ...{ employeeId: 2, name: 'La Ode Ilham, S.K.M.', email: undefined, reply: '' },
                proposal: { id: 3, email: 'ilham.baru@contoh.id', at: at('2029-03-12T01:00:00Z') },
              },
            ],
          },
        ]}
      />
    ),
  },
  {
    name: 'undeliverable-none',
    page: (
      <people.UndeliverablePage
        frame={head}
        campaign={label}
        unit={unit}
        seesActions={false}
        mayConfirm
        proposal={{
          href: '/usul-surel/74.71',
          address: 'https://pakta.contoh.kendarikota.go.id/usul-surel/74.71',
        }}
        groups={[]}
      />
    ),
  },
  { name: 'proposal', page: <proposal.ProposalPage frame={frame} pemdaCode="74.71" /> },
  { name: 'proposal-sent', page: <proposal.ProposalSentPage frame={frame} contact="BKPSDM Kota Kendari" /> },
  { name: 'admin', page: <admin.AdminHomePage {...adminHome} /> },
  {
    name: 'accounts',
    page: <admin.AccountsPage frame={administrator} accounts={accounts} mayChange done="Undangan dikirim." />,
  },
  {
    name: 'account-new',
    page: <admin.AccountNewPage frame={administrator} units={[{ id: 101, name: 'Dinas Kesehatan' }]} />,
  },
  {
    name: 'disputes',
    page: (
      <admin.DisputesPage
        frame={administrator}
        campaign={{ id: 1, name: label.name, zone }}
        disputes={[
          {
            employeeId: 501,
            name: 'La Ode Ilham, S.K.M.',
            unitName: 'Puskesmas Poasia',
            note: 'Jabatan saya sekarang Ahli Muda.',
            reportedAt: at('2029-03-13T02:00:00Z'),
          },
        ]}
      />
    ),
  },
  {
    name: 'dispute-edit',
    page: (
      <admin.DisputeEditPage
        frame={administrator}
        campaign={{ id: 1, name: label.name, zone }}
        person={disputePerson}
        note="Jabatan saya sekarang Ahli Muda."
      />
    ),
  },
  {
    name: 'revoke',
    page: (
      <admin.RevokePage
        frame={administrator}
        code={code}
        pact={{
          number: '800.1.10/1042/BKPSDM/2029',
          name: 'La Ode Ilham, S.K.M.',
          unitName: 'Puskesmas Poasia',
          sealedAt: at('2029-03-12T01:15:20Z'),
        }}
        zone={zone}
      />
    ),
  },
  {
    name: 'mail',
    page: (
      <admin.MailStatusPage
        frame={administrator}
        zone={zone}
        configured={false}
        counts={{ queued: 210, sending: 4, sent: 1890, refused: 23, cancelled: 2 }}
        troubled={[
          {
            kind: 'Undangan',
            address: 'marwah@contoh.id',
            state: 'refused',
            attempts: 1,
            reply: '550 5.1.1 No such user',
            dueAt: at('2029-03-12T01:15:00Z'),
          },
          {
            kind: 'Pengingat',
            address: 'ilham@contoh.id',
            state: 'queued',
            attempts: 2,
            reply: '451 4.7.1 Greylisted',
            dueAt: at('2029-03-12T01:45:00Z'),
          },
        ]}
      />
    ),
  },
  {
    name: 'roster',
    page: (
      <roster.RosterUploadPage
        frame={administrator}
        employeeCount={5023}
        unitCount={112}
        lastImport={{ fileName: 'SIASN Kendari Februari 2029.xlsx', at: at('2029-02-20T02:00:00Z') }}
        zone={zone}
        fileBytesMax={50_000_000}
        mayUpload
        rosterForm={{ values: {}, errors: [{ field: 'file', message: 'Pilih berkas XLSX atau CSV' }] }}
      />
    ),
  },
  {
    name: 'templates',
    page: (
      <templates.TemplatesPage
        frame={administrator}
        versions={(['ASN', 'HEAD', 'NON_ASN', 'JOINT', 'PLEDGE', 'MINUTES'] as const).map((use) => ({
          code: `PI-${use.replace('_', '-')}`,
          version: 1,
          use,
          releasedAt: at('2029-01-10T02:00:00Z'),
        }))}
        drafts={[{ id: 4, createdAt: at('2029-02-20T02:00:00Z') }]}
        zone={zone}
        mayChange
        templateForm={{
          values: {},
          errors: [{ field: 'words', message: 'unggahan/naskah.md baris 41: {{nama_ibu}} tidak terdaftar' }],
        }}
      />
    ),
  },
  {
    name: 'template-draft',
    page: (
      <templates.TemplateDraftPage
        frame={administrator}
        draftId={4}
        code="PI-ASN-INDIVIDU"
        version={2}
        use="ASN"
        parties={['Yang menyatakan']}
        text={pactText}
        form={{
          values: {},
          errors: [{ field: 'looked', message: 'Nyatakan bahwa Anda sudah memeriksa pratinjaunya' }],
        }}
      />
    ),
  },
  { name: 'roster-check', page: <roster.RosterCheckPage {...rosterCheck} /> },
  {
    name: 'roster-check-big',
    page: (
      <roster.RosterCheckPage
        {...rosterCheck}
        counts={{ ...rosterCheck.counts, left: 3980 }}
        asksConfirmation
        form={{
          values: { confirmation: 'ya' },
          errors: [
            { field: 'confirmation', message: `Ketik ${roster.LEAVE_CONFIRMATION} untuk melanjutkan` },
          ],
        }}
      />
    ),
  },
  {
    name: 'roster-done',
    page: (
      <roster.RosterDonePage
        frame={administrator}
        counts={rosterCheck.counts}
        fileName={rosterCheck.fileName}
      />
    ),
  },
  {
    name: 'campaigns',
    page: (
      <campaign.CampaignsPage
        frame={administrator}
        zone={zone}
        mayChange
        campaigns={[{ id: 1, name: label.name, state: 'open', deadline: label.deadline }]}
      />
    ),
  },
  { name: 'campaign-new', page: <CampaignNewPage {...campaignNew} /> },
  {
    name: 'campaign-new-wrong',
    page: (
      <CampaignNewPage
        {...campaignNew}
        chosenUnits={[]}
        form={{
          values: { name: 'Pakta 2029' },
          errors: [
            { field: 'electionKind', message: 'Pilih jenis pemilihan' },
            { field: 'deadlineDate', message: 'Isi tanggal batas waktu' },
            { field: 'unitIds', message: 'Pilih sedikitnya satu unit' },
          ],
        }}
      />
    ),
  },
  { name: 'campaign', page: <campaign.CampaignPage {...campaignProps} /> },
  {
    name: 'campaign-open',
    page: (
      <campaign.CampaignOpenPage
        frame={administrator}
        campaign={label}
        headCount={42}
        peopleCount={5023}
        withoutEmailCount={118}
        gatesWithoutHead={['Satuan Polisi Pamong Praja']}
        gatesWithoutWitness={['Satuan Polisi Pamong Praja']}
      />
    ),
  },
  {
    name: 'campaign-close',
    page: <campaign.CampaignClosePage frame={administrator} campaign={label} unsignedCount={3834} />,
  },
  { name: 'gate', page: <campaign.GatePage {...gateProps} /> },
  {
    name: 'witness',
    page: (
      <witness.WitnessListPage
        frame={bawaslu}
        zone={zone}
        waiting={witnessed}
        done={[
          {
            ...witnessed[0]!,
            pactId: 10,
            unitName: 'Dinas Kesehatan',
            witnessedAt: at('2029-03-12T02:00:00Z'),
            sealed: true,
          },
        ]}
      />
    ),
  },
  {
    name: 'witness-none',
    page: <witness.WitnessListPage frame={bawaslu} zone={zone} waiting={[]} done={[]} />,
  },
  { name: 'witness-pact', page: <witness.WitnessPactPage {...witnessPact} /> },
  {
    name: 'witness-pact-wrong',
    page: (
      <witness.WitnessPactPage
        {...witnessPact}
        form={{ values: {}, errors: [{ field: 'confirms', message: 'Centang pernyataan saksi' }] }}
      />
    ),
  },
  {
    name: 'ranking',
    page: (
      <ranking.RankingPage
        frame={administrator}
        campaign={label}
        units={[
          {
            place: 1,
            unitId: 102,
            name: 'Dinas Kesehatan',
            gate: 'open',
            permille: 912,
            signed: 188,
            required: 206,
            undeliverable: 2,
            declined: 1,
          },
          {
            place: 2,
            unitId: 103,
            name: 'Kecamatan Kadia',
            gate: 'overridden',
            permille: 430,
            signed: 28,
            required: 65,
            undeliverable: 0,
            declined: 0,
          },
          {
            place: 3,
            unitId: 104,
            name: 'Dinas Sosial',
            gate: 'waiting_witness',
            permille: 0,
            signed: 0,
            required: 48,
            undeliverable: 0,
            declined: 0,
          },
        ]}
        timeline={[
          {
            at: at('2029-03-12T01:00:00Z'),
            words: 'Pimpinan menandatangani dan disaksikan; pegawainya diundang',
            unitName: 'Dinas Kesehatan',
          },
          { at: at('2029-03-08T01:00:00Z'), words: 'Kegiatan dibuka', unitName: undefined },
        ]}
        at={coverage.at}
      />
    ),
  },
  {
    name: 'ranking-empty',
    page: (
      <ranking.RankingPage frame={administrator} campaign={label} units={[]} timeline={[]} at={coverage.at} />
    ),
  },
  ...(['election_desk', 'task_force'] as const).map((role) => ({
    name: `team-${role.replace('_', '-')}`,
    page: (
      <team.TeamPage
        frame={asRole(role, 'Wa Ode Rina, S.H.')}
        role={role}
        mandate={{
          number: '100/77/2029',
          date: '2 Januari 2029',
          until: '30 November 2029',
          scope: 'Pemerintah Kota Kendari',
        }}
        campaign={label}
        unitId={0}
        counts={total}
        signedToday={118}
        closedGates={[
          { unitId: 104, name: 'Dinas Sosial', gate: 'waiting_head' },
          { unitId: 105, name: 'Kecamatan Mandonga', gate: 'waiting_witness' },
        ]}
        behind={[{ unitId: 102, name: 'Dinas Kesehatan', permille: 412, missing: 131 }]}
        unwilling={[{ unitId: 102, name: 'Dinas Kesehatan', declined: 3, disputed: 2 }]}
        assemblies={[
          { title: 'Apel Netralitas', startsAt: at('2029-03-14T00:00:00Z'), isOver: true, attendance: 412 },
        ]}
        at={coverage.at}
      />
    ),
  })),
  {
    name: 'team-without-campaign',
    page: (
      <team.TeamPage
        frame={asRole('election_desk', 'Wa Ode Rina, S.H.')}
        role="election_desk"
        mandate={{
          number: '100/77/2029',
          date: '2 Januari 2029',
          until: '30 November 2029',
          scope: 'Kecamatan Kadia',
        }}
        campaign={undefined}
        unitId={0}
        counts={undefined}
        signedToday={0}
        closedGates={[]}
        behind={[]}
        unwilling={[]}
        assemblies={[]}
        at={coverage.at}
      />
    ),
  },
  {
    name: 'documents',
    page: (
      <documents.DocumentsPage
        frame={administrator}
        campaign={label}
        unit={unit}
        collective={{ waiting: 31, units: [] }}
        mayFreeze
        mayClose
        done="Rekapitulasi dibekukan dan sedang disegel."
        documents={[
          {
            pactId: 9,
            unitId: 102,
            unitName: 'Dinas Kesehatan',
            kind: 'STANDING',
            number: '800.1.6.1/412/DINKES/2029',
            rows: 0,
            state: 'complete',
            createdAt: at('2029-03-14T07:00:00Z'),
          },
          {
            pactId: 7,
            unitId: 102,
            unitName: 'Dinas Kesehatan',
            kind: 'STANDING',
            number: '800.1.6.1/398/DINKES/2029',
            rows: 0,
            state: 'sealed',
            createdAt: at('2029-03-12T07:00:00Z'),
          },
          {
            pactId: 5,
            unitId: 102,
            unitName: 'Dinas Kesehatan',
            kind: 'COLLECTIVE',
            number: '800.1.6/377/DINKES/2029',
            rows: 188,
            state: 'sealed',
            createdAt: at('2029-03-10T07:00:00Z'),
          },
        ]}
      />
    ),
  },
  {
    name: 'documents-empty',
    page: (
      <documents.DocumentsPage
        frame={head}
        campaign={label}
        unit={unit}
        collective={undefined}
        mayFreeze
        mayClose={false}
        documents={[]}
      />
    ),
  },
  {
    name: 'documents-close',
    page: (
      <documents.CollectiveClosePage
        frame={administrator}
        campaign={label}
        unit={{ unitId: 0, name: 'Pemerintah Kota Kendari' }}
        units={[
          { unitId: 102, name: 'Dinas Kesehatan', waiting: 188, missing: 21 },
          { unitId: 103, name: 'Kecamatan Kadia', waiting: 64, missing: 0 },
        ]}
      />
    ),
  },
  {
    name: 'witness-totals',
    page: (
      <witness.WitnessTotalsPage
        frame={bawaslu}
        campaignName={label.name}
        roots={children}
        total={total}
        at={coverage.at}
        zone={zone}
      />
    ),
  },
  {
    name: 'demo-mailbox',
    page: (
      <demo.DemoMailboxPage
        frame={frame}
        zone={zone}
        search=""
        page={1}
        pageCount={3}
        mailCount={54}
        mails={[
          {
            mailId: 'a1',
            to: 'kadis@contoh.id',
            subject: '[Pemkot Kendari] Penandatanganan Pakta Integritas Netralitas — batas 31 Maret 2029',
            at: at('2029-03-08T00:05:00Z'),
          },
          {
            mailId: 'a2',
            to: 'nurhayati@contoh.id',
            subject: 'Tautan masuk',
            at: at('2029-03-08T00:01:00Z'),
          },
        ]}
      />
    ),
  },
  {
    name: 'demo-mail',
    page: (
      <demo.DemoMailPage
        frame={frame}
        zone={zone}
        from="Pakta Kota Kendari <pakta@contoh.id>"
        to="kadis@contoh.id"
        subject="[Pemkot Kendari] Penandatanganan Pakta Integritas Netralitas — batas 31 Maret 2029"
        at={at('2029-03-08T00:05:00Z')}
        text={
          'Yth. dr. La Ode Hasanuddin, M.Kes.\nKepala Dinas Kesehatan\n\nSilakan membaca dan menandatangani:\n\nhttp://127.0.0.1:8080/t/dGVzdC1zYWphLWJ1a2FuLXRhdXRhbi1zdW5nZ3VoYW4\n\nTautan ini khusus untuk Anda.'
        }
      />
    ),
  },
]
