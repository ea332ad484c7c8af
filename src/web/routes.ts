import { type Role, roles, seesNames, teamRoles, witnessRoles } from '../domain/account.js'
import * as admin from './desk/admin.js'
import * as assembly from './desk/assembly.js'
import * as campaign from './desk/campaign.js'
import * as coverage from './desk/coverage.js'
import * as demo from './desk/demo.js'
import * as documents from './desk/documents.js'
import type { Route } from './desk/desk.js'
import * as joint from './desk/joint.js'
import * as map from './desk/map.js'
import * as visitor from './desk/public.js'
import * as person from './desk/person.js'
import * as pki from './desk/pki.js'
import * as proposal from './desk/proposal.js'
import * as ranking from './desk/ranking.js'
import * as region from './desk/region.js'
import * as signin from './desk/signin.js'
import * as signing from './desk/signing.js'
import * as team from './desk/team.js'
import * as templates from './desk/templates.js'
import * as witness from './desk/witness.js'

// Who only witnesses has nothing to look at.
const everyone: readonly Role[] = roles.filter((role) => role !== 'witness')
const namesReaders: readonly Role[] = roles.filter(seesNames)
const wideReaders: readonly Role[] = ['administrator', 'bawaslu', 'auditor']
const overseeingWriters: readonly Role[] = ['administrator', 'bawaslu']
const unitActors: readonly Role[] = ['administrator', 'unit_head']
const overseers: readonly Role[] = ['administrator', 'auditor']
const administrator: readonly Role[] = ['administrator']
const bawaslu: readonly Role[] = ['bawaslu']

/**
 * Every route and who may call it. `who` is checked before the handler runs; what lies inside a unit head's own
 * subtree is checked by the handler, because it depends on the unit in the path.
 */
export const routes: readonly Route[] = [
  { method: 'get', path: '/', who: 'anyone', handle: visitor.showHome },
  { method: 'get', path: '/robots.txt', who: 'anyone', handle: visitor.showRobots },
  { method: 'get', path: '/privasi', who: 'anyone', handle: visitor.showPrivacy },
  { method: 'get', path: '/aksesibilitas', who: 'anyone', handle: visitor.showAccessibility },
  { method: 'get', path: '/tentang', who: 'anyone', handle: visitor.showAbout },
  { method: 'get', path: '/akar.pem', who: 'anyone', handle: visitor.showRoots },
  { method: 'get', path: '/pki/catatan.txt', who: 'anyone', handle: pki.sendRecord },
  { method: 'get', path: '/pki/:name.crt', who: 'anyone', handle: pki.sendCertificate },
  { method: 'get', path: '/pki/:name.crl', who: 'anyone', handle: pki.sendList },
  {
    method: 'post',
    path: '/ocsp/:name',
    who: 'anyone',
    bodyBytesMax: pki.OCSP_BYTES_MAX,
    handle: pki.answerPost,
  },
  { method: 'get', path: '/ocsp/:name/*request', who: 'anyone', handle: pki.answerGet },
  { method: 'get', path: '/v', who: 'anyone', handle: visitor.showVerify },
  {
    method: 'post',
    path: '/v',
    who: 'anyone',
    limit: 'upload',
    uploadBytesMax: visitor.PDF_BYTES_MAX,
    handle: visitor.checkUpload,
  },
  { method: 'get', path: '/v/:code', who: 'anyone', handle: visitor.showVerdict },

  { method: 'get', path: '/t/:token', who: 'link', handle: signing.showLink },
  {
    method: 'post',
    path: '/t/:token/dibuka',
    who: 'link',

    handle: signing.markLinkOpened,
  },
  {
    method: 'get',
    path: '/t/:token/naskah.pdf',
    who: 'link',

    handle: signing.showPreview,
  },
  { method: 'get', path: '/t/:token/surat-edaran.pdf', who: 'link', handle: signing.sendCircular },
  { method: 'post', path: '/t/:token/kode', who: 'link', handle: signing.askCode },
  { method: 'post', path: '/t/:token/tanda-tangan', who: 'link', handle: signing.sign },
  { method: 'post', path: '/t/:token/kunci', who: 'link', handle: signing.offerKey },
  { method: 'post', path: '/t/:token/tanda-tangan-sendiri', who: 'link', handle: signing.takeOwnSignature },
  { method: 'get', path: '/t/:token/selesai', who: 'link', handle: signing.showDone },
  { method: 'get', path: '/t/:token/pakta.pdf', who: 'link', handle: signing.downloadOwn },
  {
    method: 'get',
    path: '/t/:token/data-keliru',
    who: 'link',

    handle: signing.showDispute,
  },
  {
    method: 'post',
    path: '/t/:token/data-keliru',
    who: 'link',

    handle: signing.sendDispute,
  },
  {
    method: 'get',
    path: '/t/:token/belum-bersedia',
    who: 'link',

    handle: signing.showDecline,
  },
  {
    method: 'post',
    path: '/t/:token/belum-bersedia',
    who: 'link',

    handle: signing.sendDecline,
  },
  {
    method: 'post',
    path: '/t/:token/tautan-baru',
    who: 'link',

    handle: signing.renewLink,
  },

  { method: 'get', path: '/layar/:token', who: 'link', handle: assembly.showScreen },
  { method: 'get', path: '/layar/:token/aliran', who: 'link', handle: assembly.followScreen },
  { method: 'get', path: '/layar/:token/ikrar', who: 'link', handle: assembly.showPledge },
  { method: 'get', path: '/apel/:token', who: 'link', handle: assembly.showEntrance },
  { method: 'post', path: '/apel/:token', who: 'link', limit: 'entrance', handle: assembly.askAtEntrance },

  { method: 'get', path: '/usul-surel/:pemdaCode', who: 'anyone', handle: proposal.showProposal },
  {
    method: 'post',
    path: '/usul-surel/:pemdaCode',
    who: 'anyone',
    limit: 'entrance',
    handle: proposal.sendProposal,
  },

  { method: 'get', path: '/masuk', who: 'anyone', handle: signin.showSignIn },
  { method: 'post', path: '/masuk', who: 'anyone', limit: 'signin', handle: signin.requestLink },
  { method: 'get', path: '/masuk/periksa-surel', who: 'anyone', handle: signin.showSent },
  { method: 'get', path: '/masuk/:token', who: 'anyone', handle: signin.showConfirm },
  { method: 'post', path: '/masuk/:token', who: 'anyone', handle: signin.confirm },
  { method: 'post', path: '/keluar', who: 'anyone', handle: signin.leave },

  { method: 'get', path: '/tim', who: teamRoles, handle: team.showTeam },
  { method: 'get', path: '/cakupan', who: everyone, handle: coverage.showCoverageStart },
  { method: 'get', path: '/wilayah/:campaignId', who: wideReaders, handle: region.showRegion },
  {
    method: 'get',
    path: '/wilayah/:campaignId/pelanggaran',
    who: overseeingWriters,
    handle: region.showViolationForm,
  },
  {
    method: 'post',
    path: '/wilayah/:campaignId/pelanggaran',
    who: overseeingWriters,
    handle: region.saveViolationForm,
  },
  { method: 'get', path: '/cakupan/:campaignId/:unitId', who: everyone, handle: coverage.showCoverage },
  {
    method: 'get',
    path: '/cakupan/:campaignId/:unitId/ekspor.:format',
    who: everyone,
    handle: coverage.exportUnit,
  },
  {
    method: 'post',
    path: '/cakupan/:campaignId/:unitId/ingatkan',
    who: unitActors,
    handle: coverage.remind,
  },
  {
    method: 'get',
    path: '/cakupan/:campaignId/:unitId/nama',
    who: namesReaders,
    handle: coverage.showPeople,
  },
  {
    method: 'get',
    path: '/cakupan/:campaignId/:unitId/nama.:format',
    who: namesReaders,
    handle: coverage.exportNames,
  },
  {
    method: 'get',
    path: '/cakupan/:campaignId/:unitId/tidak-terkirim',
    who: namesReaders,
    handle: coverage.showUndeliverable,
  },
  {
    method: 'get',
    path: '/cakupan/:campaignId/:unitId/dokumen',
    who: everyone,
    handle: documents.showDocuments,
  },
  {
    method: 'post',
    path: '/cakupan/:campaignId/:unitId/dokumen',
    who: unitActors,
    handle: documents.freeze,
  },
  {
    method: 'get',
    path: '/cakupan/:campaignId/:unitId/dokumen/tutup',
    who: administrator,
    handle: documents.showClose,
  },
  {
    method: 'post',
    path: '/cakupan/:campaignId/:unitId/dokumen/tutup',
    who: administrator,
    handle: documents.close,
  },
  {
    method: 'get',
    path: '/cakupan/:campaignId/:unitId/dokumen/:pactId.:format',
    who: everyone,
    handle: documents.download,
  },
  { method: 'get', path: '/pegawai/:campaignId/:employeeId', who: namesReaders, handle: person.showPerson },
  {
    method: 'get',
    path: '/pegawai/:campaignId/:employeeId/pakta.pdf',
    who: namesReaders,
    handle: person.downloadPersonPact,
  },
  {
    method: 'post',
    path: '/pegawai/:campaignId/:employeeId/kirim-ulang',
    who: unitActors,
    handle: person.resendLink,
  },
  {
    method: 'get',
    path: '/pegawai/:campaignId/:employeeId/kios',
    who: unitActors,
    handle: person.showKiosk,
  },
  {
    method: 'post',
    path: '/pegawai/:campaignId/:employeeId/kios',
    who: unitActors,
    handle: person.startAtKiosk,
  },
  {
    method: 'get',
    path: '/pegawai/:campaignId/:employeeId/surel',
    who: administrator,
    handle: person.showEmail,
  },
  {
    method: 'post',
    path: '/pegawai/:campaignId/:employeeId/surel',
    who: administrator,
    handle: person.saveEmail,
  },
  {
    method: 'post',
    path: '/pegawai/:campaignId/:employeeId/usulan-surel',
    who: unitActors,
    handle: proposal.decide,
  },
  {
    method: 'post',
    path: '/pegawai/:campaignId/:employeeId/surel-kedua',
    who: administrator,
    handle: person.saveSecondEmail,
  },
  {
    method: 'get',
    path: '/pegawai/:campaignId/:employeeId/berkas-perkara',
    who: overseers,
    handle: person.showDossierForm,
  },
  {
    method: 'post',
    path: '/pegawai/:campaignId/:employeeId/berkas-perkara',
    who: overseers,
    handle: person.sendDossier,
  },
  {
    method: 'get',
    path: '/pegawai/:campaignId/:employeeId/kecualikan',
    who: administrator,
    handle: person.showExclude,
  },
  {
    method: 'post',
    path: '/pegawai/:campaignId/:employeeId/kecualikan',
    who: administrator,
    handle: person.exclude,
  },
  {
    method: 'post',
    path: '/pegawai/:campaignId/:employeeId/batal-kecualikan',
    who: administrator,
    handle: person.include,
  },

  { method: 'get', path: '/admin', who: administrator, handle: admin.showHome },
  { method: 'get', path: '/admin/daftar-pegawai', who: overseers, handle: admin.showRoster },
  {
    method: 'post',
    path: '/admin/daftar-pegawai',
    who: administrator,
    uploadBytesMax: admin.SHEET_BYTES_MAX,
    handle: admin.uploadRoster,
  },
  {
    method: 'post',
    path: '/admin/daftar-unit',
    who: administrator,
    uploadBytesMax: admin.SHEET_BYTES_MAX,
    handle: admin.uploadUnits,
  },
  { method: 'get', path: '/admin/daftar-pegawai/:importId', who: administrator, handle: admin.showImport },
  {
    method: 'post',
    path: '/admin/daftar-pegawai/:importId/simpan',
    who: administrator,
    handle: admin.confirmImport,
  },
  {
    method: 'post',
    path: '/admin/daftar-pegawai/:importId/batal',
    who: administrator,
    handle: admin.cancelImport,
  },
  {
    method: 'get',
    path: '/admin/daftar-pegawai/:importId/selesai',
    who: administrator,
    handle: admin.showImportDone,
  },
  { method: 'get', path: '/admin/kegiatan', who: overseers, handle: campaign.showCampaigns },
  { method: 'post', path: '/admin/kegiatan', who: administrator, handle: campaign.create },
  { method: 'get', path: '/admin/kegiatan/baru', who: administrator, handle: campaign.showNew },
  { method: 'get', path: '/admin/kegiatan/:campaignId', who: overseers, handle: campaign.showCampaign },
  { method: 'get', path: '/admin/kegiatan/:campaignId/buka', who: administrator, handle: campaign.showOpen },
  { method: 'post', path: '/admin/kegiatan/:campaignId/buka', who: administrator, handle: campaign.open },
  {
    method: 'post',
    path: '/admin/kegiatan/:campaignId/provinsi',
    who: administrator,
    handle: campaign.attach,
  },
  {
    method: 'get',
    path: '/admin/kegiatan/:campaignId/peringkat',
    who: overseers,
    handle: ranking.showRanking,
  },
  {
    method: 'post',
    path: '/admin/kegiatan/:campaignId/surat-edaran',
    who: administrator,
    uploadBytesMax: campaign.CIRCULAR_BYTES_MAX,
    handle: campaign.saveCircularForm,
  },
  {
    method: 'get',
    path: '/admin/kegiatan/:campaignId/surat-edaran.pdf',
    who: overseers,
    handle: campaign.sendCircular,
  },
  {
    method: 'get',
    path: '/admin/kegiatan/:campaignId/tutup',
    who: administrator,
    handle: campaign.showClose,
  },
  { method: 'post', path: '/admin/kegiatan/:campaignId/tutup', who: administrator, handle: campaign.close },
  {
    method: 'get',
    path: '/admin/kegiatan/:campaignId/unit/:unitId',
    who: administrator,
    handle: campaign.showGate,
  },
  {
    method: 'post',
    path: '/admin/kegiatan/:campaignId/unit/:unitId',
    who: administrator,
    handle: campaign.saveWitness,
  },
  {
    method: 'post',
    path: '/admin/kegiatan/:campaignId/unit/:unitId/buka-tanpa-pimpinan',
    who: administrator,
    handle: campaign.override,
  },
  {
    method: 'get',
    path: '/admin/kegiatan/:campaignId/apel',
    who: overseers,
    handle: assembly.showAssemblies,
  },
  { method: 'post', path: '/admin/kegiatan/:campaignId/apel', who: administrator, handle: assembly.create },
  {
    method: 'get',
    path: '/admin/kegiatan/:campaignId/apel/:assemblyId',
    who: overseers,
    handle: assembly.showAssembly,
  },
  {
    method: 'post',
    path: '/admin/kegiatan/:campaignId/apel/:assemblyId/hadir',
    who: administrator,
    handle: assembly.attend,
  },
  {
    method: 'post',
    path: '/admin/kegiatan/:campaignId/apel/:assemblyId/akhiri',
    who: administrator,
    handle: assembly.end,
  },
  { method: 'get', path: '/admin/kegiatan/:campaignId/bersama', who: overseers, handle: joint.showJoints },
  {
    method: 'post',
    path: '/admin/kegiatan/:campaignId/bersama',
    who: administrator,
    uploadBytesMax: joint.LIST_BYTES_MAX,
    handle: joint.prepare,
  },
  {
    method: 'get',
    path: '/admin/kegiatan/:campaignId/bersama/daftar-pihak.xlsx',
    who: administrator,
    handle: joint.sendJointForm,
  },
  {
    method: 'get',
    path: '/admin/kegiatan/:campaignId/bersama/rancangan/:draftId',
    who: administrator,
    handle: joint.showDraft,
  },
  {
    method: 'get',
    path: '/admin/kegiatan/:campaignId/bersama/rancangan/:draftId/pratinjau.pdf',
    who: administrator,
    handle: joint.previewDraft,
  },
  {
    method: 'post',
    path: '/admin/kegiatan/:campaignId/bersama/rancangan/:draftId/buka',
    who: administrator,
    handle: joint.open,
  },
  {
    method: 'post',
    path: '/admin/kegiatan/:campaignId/bersama/rancangan/:draftId/buang',
    who: administrator,
    handle: joint.drop,
  },
  {
    method: 'get',
    path: '/admin/kegiatan/:campaignId/bersama/:pactId',
    who: overseers,
    handle: joint.showJoint,
  },
  {
    method: 'get',
    path: '/admin/kegiatan/:campaignId/bersama/:pactId/pakta.pdf',
    who: overseers,
    handle: joint.download,
  },
  {
    method: 'post',
    path: '/admin/kegiatan/:campaignId/bersama/:pactId/kirim',
    who: administrator,
    handle: joint.send,
  },
  {
    method: 'get',
    path: '/admin/kegiatan/:campaignId/bersama/:pactId/saksi',
    who: administrator,
    handle: joint.showEndParties,
  },
  {
    method: 'post',
    path: '/admin/kegiatan/:campaignId/bersama/:pactId/saksi',
    who: administrator,
    handle: joint.end,
  },
  {
    method: 'get',
    path: '/admin/kegiatan/:campaignId/bersama/:pactId/tutup',
    who: administrator,
    handle: joint.showClose,
  },
  {
    method: 'post',
    path: '/admin/kegiatan/:campaignId/bersama/:pactId/tutup',
    who: administrator,
    handle: joint.close,
  },
  {
    method: 'get',
    path: '/admin/kegiatan/:campaignId/data-keliru',
    who: administrator,
    handle: admin.showDisputes,
  },
  {
    method: 'get',
    path: '/admin/kegiatan/:campaignId/data-keliru/:employeeId',
    who: administrator,
    handle: admin.showDispute,
  },
  {
    method: 'post',
    path: '/admin/kegiatan/:campaignId/data-keliru/:employeeId',
    who: administrator,
    handle: admin.settle,
  },
  { method: 'get', path: '/admin/pakta/:code/cabut', who: administrator, handle: admin.showRevoke },
  { method: 'post', path: '/admin/pakta/:code/cabut', who: administrator, handle: admin.revoke },
  { method: 'get', path: '/admin/naskah', who: overseers, handle: templates.showTemplates },
  {
    method: 'post',
    path: '/admin/naskah',
    who: administrator,
    uploadBytesMax: templates.FILE_BYTES_MAX,
    uploadsMax: 2,
    handle: templates.uploadTemplate,
  },
  {
    method: 'get',
    path: '/admin/naskah/rancangan/:draftId',
    who: administrator,
    handle: templates.showDraft,
  },
  {
    method: 'get',
    path: '/admin/naskah/rancangan/:draftId/pratinjau.pdf',
    who: administrator,
    handle: templates.previewDraft,
  },
  {
    method: 'post',
    path: '/admin/naskah/rancangan/:draftId/terbitkan',
    who: administrator,
    handle: templates.release,
  },
  {
    method: 'post',
    path: '/admin/naskah/rancangan/:draftId/buang',
    who: administrator,
    handle: templates.drop,
  },
  {
    method: 'get',
    path: '/admin/naskah/:templateCode/:version/:file',
    who: overseers,
    handle: templates.sendFile,
  },
  {
    method: 'post',
    path: '/admin/lambang',
    who: administrator,
    uploadBytesMax: templates.EMBLEM_UPLOAD_BYTES_MAX,
    handle: templates.saveEmblem,
  },
  { method: 'get', path: '/lambang/:sha256', who: 'anyone', handle: templates.sendEmblem },
  { method: 'get', path: '/admin/peta', who: overseers, handle: map.showMap },
  {
    method: 'post',
    path: '/admin/peta',
    who: administrator,
    uploadBytesMax: map.MAP_BYTES_MAX,
    handle: map.saveMapForm,
  },
  { method: 'get', path: '/admin/akun', who: overseers, handle: admin.showAccounts },
  { method: 'get', path: '/admin/akun/baru', who: administrator, handle: admin.showAccountForm },
  { method: 'post', path: '/admin/akun', who: administrator, handle: admin.invite },
  { method: 'post', path: '/admin/akun/:accountId/nonaktif', who: administrator, handle: admin.disable },
  { method: 'get', path: '/admin/surel', who: overseers, handle: admin.showMail },

  { method: 'get', path: '/saksi', who: witnessRoles, handle: witness.showList },
  { method: 'get', path: '/saksi/rekapitulasi', who: bawaslu, handle: witness.showTotals },
  { method: 'get', path: '/saksi/:pactId', who: witnessRoles, handle: witness.showPact },
  { method: 'get', path: '/saksi/:pactId/naskah.pdf', who: witnessRoles, handle: witness.preview },
  { method: 'post', path: '/saksi/:pactId/tanda-tangan', who: witnessRoles, handle: witness.sign },
  { method: 'post', path: '/saksi/:pactId/kunci', who: witnessRoles, handle: witness.offerKey },
  {
    method: 'post',
    path: '/saksi/:pactId/tanda-tangan-sendiri',
    who: witnessRoles,
    handle: witness.takeOwnSignature,
  },
  { method: 'get', path: '/saksi/:pactId/pakta.pdf', who: witnessRoles, handle: witness.download },

  { method: 'get', path: '/demo/surel', who: 'anyone', isDemoOnly: true, handle: demo.showMailbox },
  { method: 'get', path: '/demo/surel/:mailId', who: 'anyone', isDemoOnly: true, handle: demo.showMail },
]
