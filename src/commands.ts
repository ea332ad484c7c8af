import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { timeZones } from './domain/campaign.js'
import { signedPermille } from './domain/coverage.js'
import { PactError } from './domain/errors.js'
import { refuser, Settings } from './evidence/settings.js'
import { parseTemplate } from './evidence/template.js'
import { continuesRecord, parseRecord, type RecordEntry } from './evidence/record.js'
import { checkPdf, judgeRow } from './evidence/verdict.js'
import { coverUnit, flattenCoverage } from './flow/standing.js'
import { checkRoster, confirmRoster, enrollPemda, enrollUnits, readUnits } from './flow/enroll.js'
import type { House } from './flow/house.js'
import { remindDue } from './flow/invite.js'
import { closeCampaign, openCampaign } from './flow/open.js'
import { inviteAccount } from './flow/signin.js'
import type { Pressroom } from './remote/pressroom.js'
import { type RevocationReason, revocationReasons } from './evidence/revocation.js'
import { findAccounts } from './store/accounts.js'
import { type Campaign, findCampaign, findCampaigns } from './store/campaigns.js'
import { insertRevocation } from './store/certificates.js'
import { initKeys, listKeys, renewLists, revokeKey, rotateKey } from './store/key-care.js'
import type { KeySecrets } from './store/key-folder.js'
import { findPemdas, type Pemda } from './store/pemdas.js'

/** One call of a command: what follows its name, and how it speaks. */
export interface Call {
  rest: string[]
  flags: Record<string, string | boolean | undefined>
  now: Date
  say(line: string): void
}

/** Acts from the terminal have no network address; whoever has the terminal has the database. */
export const atTerminal = { address: '', userAgent: 'pakta' }

/** `import pemda|unit|pegawai FILE [--yes]`: the same importer that the pages use. */
export async function importFile(house: House, call: Call): Promise<void> {
  const { rest, flags, now, say } = call
  const [kind, file] = rest
  if (!file || !['pemda', 'unit', 'pegawai'].includes(kind ?? ''))
    throw new PactError('BAD_FORM', 'Pemakaian: npx pakta import pemda|unit|pegawai BERKAS [--yes]')
  if (kind === 'pemda') return await importPemda(house, file, call)
  const pemda = await onlyPemda(house)
  if (kind === 'unit') {
    const { units, errors } = await readUnits(file)
    for (const error of errors)
      say(`${error.sheet} baris ${error.row} kolom ${error.column}: ${error.message} (${error.value})`)
    if (errors.length > 0)
      throw new PactError('BAD_ROSTER', `${errors.length} kesalahan; tidak ada yang disimpan.`)
    if (!flags.yes) return say(`${units.length} unit siap disimpan. Ulangi dengan --yes untuk menyimpan.`)
    const counts = await enrollUnits(house, pemda.id, units)
    return say(`unit: ${counts.added} baru, ${counts.changed} berubah, ${counts.same} tetap`)
  }
  const checked = await checkRoster(
    house,
    { pemdaId: pemda.id, path: file, fileName: file, accountId: undefined },
    { now, onProgress: (rowCount) => say(`${rowCount} baris dibaca`) },
  )
  for (const one of checked.problems.shown)
    say(
      `${one.severity === 'error' ? 'KELIRU' : 'periksa'}: lembar ${one.sheet} baris ${one.row} kolom ${one.column}: ${one.message} (${one.value})`,
    )
  const { added, changed, moved, left, returned, unchanged } = checked.counts
  say(
    `${checked.rowCount} baris: ${added} baru, ${changed} berubah, ${moved} pindah, ${left} keluar, ${returned} kembali, ${unchanged} tetap, ${checked.problems.errors} keliru`,
  )
  if (!flags.yes) return say('Tidak ada yang disimpan. Ulangi dengan --yes untuk menyimpan.')
  await confirmRoster(
    house,
    { importId: checked.id, pemdaId: pemda.id, accountId: undefined },
    { now, origin: atTerminal },
  )
  say('Daftar pegawai disimpan.')
}

// A pemda and its first administrator, from a small YAML file (templates/pemda.yaml shows one).
async function importPemda(house: House, file: string, { now, say }: Call): Promise<void> {
  const keys = [
    'kode_wilayah',
    'kode_provinsi',
    'nama',
    'nama_pemerintah',
    'singkatan',
    'tempat',
    'zona_waktu',
    'alamat_kop',
    'kontak',
    'masa_simpan',
    'nama_administrator',
    'surel_administrator',
  ]
  const stated = new Settings(readFileSync(file, 'utf8'), { refuse: refuser(file), firstLine: 1 }, keys)
  const text = (name: string) => stated.text([name], /\S/, 'teks dalam tanda kutip')
  await enrollPemda(
    house,
    {
      code: text('kode_wilayah'),
      parentCode: stated.has(['kode_provinsi']) ? text('kode_provinsi') : undefined,
      name: text('nama'),
      governmentName: text('nama_pemerintah'),
      shortName: text('singkatan'),
      seat: text('tempat'),
      timeZone: stated.oneOf(['zona_waktu'], Object.keys(timeZones) as Pemda['timeZone'][]),
      letterheadAddress: text('alamat_kop'),
      contact: text('kontak'),
      retention: text('masa_simpan'),
    },
    now,
  )
  const pemda = (await findPemdas(house.db)).find((one) => one.code === text('kode_wilayah'))!
  await inviteAccount(
    house,
    {
      pemdaId: pemda.id,
      role: 'administrator',
      unitId: undefined,
      email: text('surel_administrator'),
      name: text('nama_administrator'),
      institution: text('nama_pemerintah'),
      jabatan: 'Administrator',
    },
    { now, origin: atTerminal },
  )
  say(`${pemda.governmentName} terdaftar; ${text('surel_administrator')} dapat masuk sebagai administrator.`)
}

/**
 * `template check DIR`, `template preview DIR --out FILE.pdf`: a template's folder, without a database.
 *
 * @throws BAD_TEMPLATE with the file and the line
 */
export async function template(pressroom: Pressroom, { rest, flags, say }: Call): Promise<void> {
  const [action, folder] = rest
  const out = typeof flags.out === 'string' ? flags.out : undefined
  if (!folder || !(action === 'check' || (action === 'preview' && out)))
    throw new PactError(
      'BAD_FORM',
      'Pemakaian: npx pakta template check DIR | template preview DIR --out BERKAS.pdf',
    )
  const read = (name: string) => {
    try {
      return readFileSync(join(folder, name), 'utf8')
    } catch (cause) {
      throw new PactError('BAD_TEMPLATE', `${join(folder, name)} tidak dapat dibaca`, { cause })
    }
  }
  const files = { words: read('naskah.md'), page: read('halaman.yaml'), name: folder }
  const parsed = parseTemplate(files)
  await pressroom.check(files)
  if (action === 'preview') writeFileSync(out!, await pressroom.specimen(files))
  say(
    action === 'preview'
      ? `${out}: pratinjau ${parsed.code} versi ${parsed.version} dengan data rekaan`
      : `${parsed.code} versi ${parsed.version}: lulus pemeriksaan`,
  )
}

/** The pemda that this installation serves. */
async function onlyPemda(house: House): Promise<Pemda> {
  const [pemda] = await findPemdas(house.db)
  if (!pemda)
    throw new PactError(
      'NOT_FOUND',
      'Belum ada pemerintah daerah. Jalankan dahulu: npx pakta import pemda BERKAS.yaml',
    )
  return pemda
}

/** `campaign list | open N | close N`. */
export async function campaign(house: House, { rest, now, say }: Call): Promise<void> {
  const [action = 'list', id] = rest
  const pemda = await onlyPemda(house)
  if (action === 'list') {
    const all = await findCampaigns(house.db, pemda.id)
    for (const one of all) say(`${one.id}\t${one.state}\t${one.name}`)
    if (all.length === 0) say('Belum ada kegiatan. Buat lewat halaman administrator.')
    return
  }
  const found = /^\d+$/.test(id ?? '') ? await findCampaign(house.db, Number(id)) : undefined
  if (!found || !['open', 'close'].includes(action))
    throw new PactError('BAD_FORM', 'Pemakaian: npx pakta campaign list | open N | close N')
  const [account] = await findAccounts(house.db, pemda.id, 'administrator')
  if (!account) throw new PactError('NOT_FOUND', 'Belum ada administrator.')
  const act = { now: now, origin: atTerminal, accountId: account.id }
  await (action === 'open' ? openCampaign : closeCampaign)(house, found.id, act)
  say(`${found.name}: ${action === 'open' ? 'dibuka' : 'ditutup'}`)
}

/** `remind`: queues the reminders that are due. */
export async function remind(house: House, { now, say }: Call): Promise<void> {
  let queued = 0
  for (let more = -1; more !== 0; queued += more) more = await remindDue(house, now)
  say(`${queued} pengingat diantrekan; layanan yang berjalan mengirimnya.`)
}

/** `coverage [--campaign N] [--json]`. */
export async function coverage(house: House, { flags, now, say }: Call): Promise<void> {
  const pemda = await onlyPemda(house)
  const all = await findCampaigns(house.db, pemda.id)
  const chosen: Campaign | undefined = flags.campaign
    ? all.find((one) => one.id === Number(flags.campaign))
    : (all.find((one) => one.state === 'open') ?? all[0])
  if (!chosen) throw new PactError('NOT_FOUND', 'Kegiatan ini tidak ada. Lihat: npx pakta campaign list')
  const { node } = await coverUnit(house, { campaign: chosen, pemda, unitId: undefined, now })
  if (flags.json)
    return say(JSON.stringify({ campaign: chosen.name, at: now.toISOString(), tree: node }, undefined, 1))
  for (const { depth, node: unit } of flattenCoverage(node)) {
    const permille = signedPermille(unit.total)
    const percent = permille === undefined ? '-' : `${(permille / 10).toFixed(1).replace('.', ',')} %`
    say(`${'  '.repeat(depth)}${unit.name}: ${unit.total.signed} dari ${unit.total.required} (${percent})`)
  }
}

/** `--record FILE`, and an earlier copy that it must continue. */
function readRecords(flags: Call['flags']): { record: RecordEntry[] } | undefined {
  const { record, 'record-before': before } = flags
  if (typeof record !== 'string') return undefined
  const text = readFileSync(record, 'utf8')
  const entries = parseRecord(text)
  if (typeof before === 'string') {
    const earlier = readFileSync(before, 'utf8')
    parseRecord(earlier)
    if (!continuesRecord(text, earlier))
      throw new PactError(
        'BAD_FILE',
        `Catatan ${record} tidak melanjutkan ${before}: ada baris yang dihapus atau diubah. Simpan kedua berkas sebagai bukti.`,
      )
  }
  return { record: entries }
}

// How every .p7m begins, and no PDF.
const DER_SEQUENCE = 0x30

/** "2040-01-01", or with a time in ISO 8601. */
function momentOf(text: string | boolean | undefined): Date | undefined {
  if (typeof text !== 'string') return undefined
  const at = new Date(text)
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(at.getTime()))
    throw new PactError('BAD_FORM', `--at "${text}": seharusnya tanggal, misalnya 2040-01-01`)
  return at
}

/**
 * `verify FILE [--root PEM] [--at DATE] [--json]`, a PDF or a row of a collective pact (.p7m): needs nothing but the file and the roots, no network and no database.
 *
 * @param roots PEM texts, trusted for what their certificates are for
 * @returns the exit code: 0 valid, 1 invalid or incomplete, 2 unreadable
 */
export function verify(
  file: string,
  roots: { signer: string; seal: string; timestamp: string; person: string | readonly string[] },
  { flags, now, say }: Call,
): number {
  const bytes = readFileSync(file)
  const judge = bytes[0] === DER_SEQUENCE ? judgeRow : checkPdf
  const verdict = judge(bytes, { roots, at: momentOf(flags.at) ?? now, expected: readRecords(flags) })
  if (flags.json) say(JSON.stringify({ file, ...verdict }, undefined, 1))
  else {
    const conclusions = {
      VALID: 'SAH',
      INCOMPLETE: 'BELUM LENGKAP',
      INVALID: 'TIDAK SAH',
      UNREADABLE: 'TIDAK TERBACA',
    }
    const outcomes = { pass: 'lulus', fail: 'GAGAL', unknown: 'tidak diketahui' }
    say(`${file}: ${conclusions[verdict.conclusion]}`)
    for (const check of verdict.checks) say(`  ${outcomes[check.outcome]}: ${check.title}. ${check.detail}`)
    for (const one of verdict.signatures) {
      const time = one.stampedAt
        ? `${one.stampedAt.toISOString()} menurut ${one.stampedBy}`
        : `${one.at.toISOString()} menurut penanda tangan sendiri`
      say(`  ${one.slot}: ${one.name}`)
      say(`    tingkat ${one.level ?? '-'}; cara ${one.method ?? 'tidak dikenal'}; waktu ${time}`)
      say(
        `    rantai ${one.chain.join(' < ')}; pencabutan: ${one.revocation || 'tanpa bukti di dalam berkas'}`,
      )
      say(`    sesudahnya: ${one.laterIncrements.join(', ') || 'tidak ada'}`)
    }
  }
  return { VALID: 0, INCOMPLETE: 1, INVALID: 1, UNREADABLE: 2 }[verdict.conclusion]
}

const KEYS_USE = `Pemakaian: npx pakta keys init --institution "Pemerintah Kota ..." [--demo] | keys list | keys crl
  | keys rotate NAMA [--pkcs11] | keys revoke NAMA|SIDIK --reason ${Object.keys(revocationReasons).join('|')} [--at WAKTU]`
const RESTART = 'Muat ulang layanan supaya berlaku.'

/**
 * `keys ...`: the care of the key folder. Says nothing about secrets.
 *
 * @returns false when it is about a signer's certificate, which `revokeSigner` knows
 */
export async function careForKeys(
  at: { folder: string; baseUrl: string; random: (sizeBytes: number) => Buffer; secrets: KeySecrets },
  call: Call,
): Promise<boolean> {
  const { folder, baseUrl, random, secrets } = at
  const { rest, flags, now, say } = call
  const [verb, name] = rest
  const care = { now, random, secrets }
  if (verb === 'list')
    for (const one of listKeys(folder))
      say(`${one.name}\t${one.until.toISOString().slice(0, 10)}\t${one.subject}\t${one.sha256}`)
  else if (verb === 'crl') {
    await renewLists(folder, { now, secrets })
    say(`Daftar cabut kedua akar diperbarui untuk setahun. ${RESTART}`)
  } else if (verb === 'rotate' && name) {
    const made = await rotateKey(folder, { name, inToken: flags.pkcs11 === true }, care)
    say(`Dibuat: ${made.join(', ')}. Sertifikat yang lama tetap berlaku sampai habis masanya. ${RESTART}`)
    say('Perbarui cadangan folder kunci.')
  } else if (verb === 'revoke' && name) {
    if (readFingerprint(name)) return false
    await revokeKey(folder, { name, ...readRevocation(call) }, care)
    say(`${name} dicabut. Ganti dengan "npx pakta keys rotate", lalu muat ulang layanan.`)
  } else if (verb === 'init' && typeof flags.institution === 'string') {
    await initKeys(folder, {
      ...{ institution: flags.institution, baseUrl, now, random, demo: flags.demo === true },
      passphrase: secrets.passphrase,
    })
    say(`Alamat ${baseUrl} (PAKTA_BASE_URL) tertulis di dalam setiap sertifikat dan tidak dapat diubah lagi.`)
    say(`Kunci dibuat di ${folder}. Cadangkan folder ini; tanpa tautan.key semua tautan mati.`)
    if (!secrets.passphrase) say('PAKTA_KEYS_PASSPHRASE kosong: kunci privat hanya dilindungi izin berkas.')
  } else throw new PactError('BAD_FORM', KEYS_USE)
  return true
}

/** SHA-256 in hexadecimal, as a receipt prints it: with or without spaces. */
const readFingerprint = (text: string) => /^[0-9a-f]{64}$/.exec(text.replace(/\s/g, '').toLowerCase())?.[0]

function readRevocation({ flags, now }: Call): { reason: RevocationReason; at: Date } {
  const reason = String(flags.reason)
  const at = typeof flags.at === 'string' ? new Date(flags.at) : now
  if (!Object.hasOwn(revocationReasons, reason) || Number.isNaN(at.getTime()) || at > now)
    throw new PactError('BAD_FORM', KEYS_USE)
  return { reason: reason as RevocationReason, at }
}

/** `keys revoke SIDIK --reason ...`: takes a signer's certificate back, by the fingerprint on the receipt. */
export async function revokeSigner(house: House, call: Call): Promise<void> {
  const sha256 = Buffer.from(readFingerprint(call.rest[1]!)!, 'hex')
  const { now, say } = call
  if (!(await insertRevocation(house.db, { sha256, now, ...readRevocation(call) })))
    throw new PactError(
      'NOT_FOUND',
      'Sertifikat dengan sidik ini tidak ada dalam catatan, atau sudah dicabut.',
    )
  say('Sertifikat dicabut. Cabut juga paktanya bila bukan pemiliknya yang menandatangani.')
}
