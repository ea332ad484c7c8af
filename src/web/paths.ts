// Every address of the service, in one table: pages link with it, the route table listens with it. What a
// person reads in the address bar is Indonesian; a value is always escaped.

const part = (value: string | number) => encodeURIComponent(String(value))

export const paths = {
  home: '/',
  verify: '/v',
  verdict: (code: string) => `/v/${part(code)}`,
  privacy: '/privasi',
  accessibility: '/aksesibilitas',
  about: '/tentang',
  asset: (name: string, version: string) => `/aset/${part(name)}?v=${part(version)}`,

  // A personal link: /t/<token>
  link: (token: string) => `/t/${part(token)}`,
  linkPreview: (token: string) => `/t/${part(token)}/naskah.pdf`,
  linkCircular: (token: string) => `/t/${part(token)}/surat-edaran.pdf`,
  linkKey: (token: string) => `/t/${part(token)}/kunci`,
  linkOwn: (token: string) => `/t/${part(token)}/tanda-tangan-sendiri`,
  linkCode: (token: string) => `/t/${part(token)}/kode`,
  linkSign: (token: string) => `/t/${part(token)}/tanda-tangan`,
  linkOpened: (token: string) => `/t/${part(token)}/dibuka`,
  linkDone: (token: string) => `/t/${part(token)}/selesai`,
  linkDownload: (token: string) => `/t/${part(token)}/pakta.pdf`,
  linkDispute: (token: string) => `/t/${part(token)}/data-keliru`,
  linkDecline: (token: string) => `/t/${part(token)}/belum-bersedia`,
  linkRenew: (token: string) => `/t/${part(token)}/tautan-baru`,

  // An assembly (apel): /layar/<token> on the projector, /apel/<token> on people's phones
  screen: (token: string) => `/layar/${part(token)}`,
  screenFeed: (token: string) => `/layar/${part(token)}/aliran`,
  screenPledge: (token: string) => `/layar/${part(token)}/ikrar`,
  entrance: (token: string) => `/apel/${part(token)}`,

  proposal: (pemdaCode: string) => `/usul-surel/${part(pemdaCode)}`,

  signIn: '/masuk',
  signInSent: '/masuk/periksa-surel',
  signInLink: (token: string) => `/masuk/${part(token)}`,
  signOut: '/keluar',

  team: '/tim',
  coverage: '/cakupan', // leads to the current campaign and the account's own unit
  region: (campaignId: number) => `/wilayah/${part(campaignId)}`,
  violations: (campaignId: number) => `/wilayah/${part(campaignId)}/pelanggaran`,
  coverageUnit: (campaignId: number, unitId: number) => `/cakupan/${part(campaignId)}/${part(unitId)}`,
  remindUnit: (campaignId: number, unitId: number) => `/cakupan/${part(campaignId)}/${part(unitId)}/ingatkan`,
  people: (campaignId: number, unitId: number) => `/cakupan/${part(campaignId)}/${part(unitId)}/nama`,
  undeliverable: (campaignId: number, unitId: number) =>
    `/cakupan/${part(campaignId)}/${part(unitId)}/tidak-terkirim`,
  documents: (campaignId: number, unitId: number) => `/cakupan/${part(campaignId)}/${part(unitId)}/dokumen`,
  documentsClose: (campaignId: number, unitId: number) =>
    `/cakupan/${part(campaignId)}/${part(unitId)}/dokumen/tutup`,
  document: (campaignId: number, unitId: number, pactId: number, format: 'pdf' | 'xlsx') =>
    `/cakupan/${part(campaignId)}/${part(unitId)}/dokumen/${part(pactId)}.${format}`,
  coverageExport: (campaignId: number, unitId: number, format: 'csv' | 'xlsx') =>
    `/cakupan/${part(campaignId)}/${part(unitId)}/ekspor.${format}`,
  peopleExport: (campaignId: number, unitId: number, format: 'csv' | 'xlsx') =>
    `/cakupan/${part(campaignId)}/${part(unitId)}/nama.${format}`,
  person: (campaignId: number, employeeId: number) => `/pegawai/${part(campaignId)}/${part(employeeId)}`,
  personPact: (campaignId: number, employeeId: number) =>
    `/pegawai/${part(campaignId)}/${part(employeeId)}/pakta.pdf`,
  personResend: (campaignId: number, employeeId: number) =>
    `/pegawai/${part(campaignId)}/${part(employeeId)}/kirim-ulang`,
  personExclude: (campaignId: number, employeeId: number) =>
    `/pegawai/${part(campaignId)}/${part(employeeId)}/kecualikan`,
  personInclude: (campaignId: number, employeeId: number) =>
    `/pegawai/${part(campaignId)}/${part(employeeId)}/batal-kecualikan`,
  personDossier: (campaignId: number, employeeId: number) =>
    `/pegawai/${part(campaignId)}/${part(employeeId)}/berkas-perkara`,
  personKiosk: (campaignId: number, employeeId: number) =>
    `/pegawai/${part(campaignId)}/${part(employeeId)}/kios`,
  personSecondEmail: (campaignId: number, employeeId: number) =>
    `/pegawai/${part(campaignId)}/${part(employeeId)}/surel-kedua`,
  personProposal: (campaignId: number, employeeId: number) =>
    `/pegawai/${part(campaignId)}/${part(employeeId)}/usulan-surel`,
  personEmail: (campaignId: number, employeeId: number) =>
    `/pegawai/${part(campaignId)}/${part(employeeId)}/surel`,

  admin: '/admin',
  roster: '/admin/daftar-pegawai',
  units: '/admin/daftar-unit',
  rosterImport: (importId: number) => `/admin/daftar-pegawai/${part(importId)}`,
  rosterConfirm: (importId: number) => `/admin/daftar-pegawai/${part(importId)}/simpan`,
  rosterCancel: (importId: number) => `/admin/daftar-pegawai/${part(importId)}/batal`,
  rosterDone: (importId: number) => `/admin/daftar-pegawai/${part(importId)}/selesai`,
  campaigns: '/admin/kegiatan',
  campaignNew: '/admin/kegiatan/baru',
  campaign: (campaignId: number) => `/admin/kegiatan/${part(campaignId)}`,
  campaignGates: (campaignId: number) => `/admin/kegiatan/${part(campaignId)}/unit`,
  campaignOpen: (campaignId: number) => `/admin/kegiatan/${part(campaignId)}/buka`,
  campaignClose: (campaignId: number) => `/admin/kegiatan/${part(campaignId)}/tutup`,
  ranking: (campaignId: number) => `/admin/kegiatan/${part(campaignId)}/peringkat`,
  circular: (campaignId: number) => `/admin/kegiatan/${part(campaignId)}/surat-edaran`,
  circularFile: (campaignId: number) => `/admin/kegiatan/${part(campaignId)}/surat-edaran.pdf`,
  campaignAttach: (campaignId: number) => `/admin/kegiatan/${part(campaignId)}/provinsi`,
  gate: (campaignId: number, unitId: number) => `/admin/kegiatan/${part(campaignId)}/unit/${part(unitId)}`,
  gateOverride: (campaignId: number, unitId: number) =>
    `/admin/kegiatan/${part(campaignId)}/unit/${part(unitId)}/buka-tanpa-pimpinan`,
  assemblies: (campaignId: number) => `/admin/kegiatan/${part(campaignId)}/apel`,
  assembly: (campaignId: number, id: number) => `/admin/kegiatan/${part(campaignId)}/apel/${part(id)}`,
  assemblyEnd: (campaignId: number, id: number) =>
    `/admin/kegiatan/${part(campaignId)}/apel/${part(id)}/akhiri`,
  attendance: (campaignId: number, id: number) =>
    `/admin/kegiatan/${part(campaignId)}/apel/${part(id)}/hadir`,
  joints: (campaignId: number) => `/admin/kegiatan/${part(campaignId)}/bersama`,
  jointForm: (campaignId: number) => `/admin/kegiatan/${part(campaignId)}/bersama/daftar-pihak.xlsx`,
  jointDraft: (campaignId: number, draftId: number) =>
    `/admin/kegiatan/${part(campaignId)}/bersama/rancangan/${part(draftId)}`,
  jointDraftPreview: (campaignId: number, draftId: number) =>
    `/admin/kegiatan/${part(campaignId)}/bersama/rancangan/${part(draftId)}/pratinjau.pdf`,
  jointOpen: (campaignId: number, draftId: number) =>
    `/admin/kegiatan/${part(campaignId)}/bersama/rancangan/${part(draftId)}/buka`,
  jointDrop: (campaignId: number, draftId: number) =>
    `/admin/kegiatan/${part(campaignId)}/bersama/rancangan/${part(draftId)}/buang`,
  joint: (campaignId: number, pactId: number) =>
    `/admin/kegiatan/${part(campaignId)}/bersama/${part(pactId)}`,
  jointDownload: (campaignId: number, pactId: number) =>
    `/admin/kegiatan/${part(campaignId)}/bersama/${part(pactId)}/pakta.pdf`,
  jointSend: (campaignId: number, pactId: number) =>
    `/admin/kegiatan/${part(campaignId)}/bersama/${part(pactId)}/kirim`,
  jointEnd: (campaignId: number, pactId: number, what: 'saksi' | 'tutup') =>
    `/admin/kegiatan/${part(campaignId)}/bersama/${part(pactId)}/${what}`,
  disputes: (campaignId: number) => `/admin/kegiatan/${part(campaignId)}/data-keliru`,
  dispute: (campaignId: number, employeeId: number) =>
    `/admin/kegiatan/${part(campaignId)}/data-keliru/${part(employeeId)}`,
  revoke: (code: string) => `/admin/pakta/${part(code)}/cabut`,
  templates: '/admin/naskah',
  templateDraft: (draftId: number) => `/admin/naskah/rancangan/${part(draftId)}`,
  templateDraftPreview: (draftId: number) => `/admin/naskah/rancangan/${part(draftId)}/pratinjau.pdf`,
  templateRelease: (draftId: number) => `/admin/naskah/rancangan/${part(draftId)}/terbitkan`,
  templateDrop: (draftId: number) => `/admin/naskah/rancangan/${part(draftId)}/buang`,
  templateFile: (code: string, version: number, file: string) =>
    `/admin/naskah/${part(code)}/${part(version)}/${part(file)}`,
  emblemChange: '/admin/lambang',
  emblem: (sha256: string) => `/lambang/${part(sha256)}`,
  map: '/admin/peta',
  accounts: '/admin/akun',
  accountNew: '/admin/akun/baru',
  accountDisable: (accountId: number) => `/admin/akun/${part(accountId)}/nonaktif`,
  mail: '/admin/surel',

  witness: '/saksi',
  witnessPact: (pactId: number) => `/saksi/${part(pactId)}`,
  witnessPreview: (pactId: number) => `/saksi/${part(pactId)}/naskah.pdf`,
  witnessKey: (pactId: number) => `/saksi/${part(pactId)}/kunci`,
  witnessOwn: (pactId: number) => `/saksi/${part(pactId)}/tanda-tangan-sendiri`,
  witnessSign: (pactId: number) => `/saksi/${part(pactId)}/tanda-tangan`,
  witnessDownload: (pactId: number) => `/saksi/${part(pactId)}/pakta.pdf`,
  witnessTotals: '/saksi/rekapitulasi',

  demoMailbox: '/demo/surel',
  demoMail: (mailId: string) => `/demo/surel/${part(mailId)}`,
}
