import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { SigningRule } from '../../src/domain/campaign.js'
import { verifyCode } from '../../src/flow/verify.js'
import { row, rows } from '../../src/store/db.js'
import { parseCertificatesPem } from '../../src/evidence/certificate.js'
import { openEvidence } from '../../src/remote/status.js'
import { openTestHouse, type TestHouse } from '../house.js'
import { openForeignAuthority } from '../remote/foreign.js'
import { testPeople } from '../roster.js'
import { CHROMIUM, hasChromium, launchBrowser, screens } from '../web/gallery.js'
import { look, openPage } from './phone.js'

const skip = hasChromium || process.env['CI'] ? false : `no browser at ${CHROMIUM}`

let browser: Browser
const servers: Server[] = []
before(async () => {
  if (!skip) browser = await launchBrowser()
})
after(async () => {
  await browser?.close()
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))))
})

/** A house behind a real port, with a second address for everyone whose link has been sent. */
async function openService(
  t: { after(end: () => Promise<void>): unknown },
  rule: SigningRule,
  { people = testPeople, hasOpenGate = true, isCollective = false } = {},
) {
  let handler: TestHouse['app'] | undefined
  const server = createServer((request, response) => void handler!(request, response))
  servers.push(server)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  // A phone compares the moment on the page with its own clock.
  const house = await openTestHouse(t, { now: new Date(), people, settings: { baseUrl: origin } })
  handler = house.app
  await house.openCampaign({ rule, isCollective })
  if (hasOpenGate) await house.openGates('kadis')
  await rows(house.db, `update employee set email_alternative = replace(email, '@', '.pribadi@')`)
  const complaints: string[] = []
  const open = (options: BrowserContextOptions = {}) =>
    // A refused form says so with its status too.
    openPage(
      browser,
      { origin, complaints, isExpected: (_, message) => /status of 4\d\d/.test(message) },
      { viewport: screens.phone, ...options },
    )
  return { house, origin, open, complaints }
}

async function fill(page: Page, house: TestHouse, key: string): Promise<void> {
  for (const consent of ['isSelf', 'hasRead', 'isBinding']) await page.locator(`#${consent}`).check()
  await page.locator('#identityTail').fill(house.person(key).identityNumber.slice(-4))
  await page.locator('#typedName').fill(house.person(key).name)
}

const signature = async ({ house }: { house: TestHouse }, key: string) => {
  const { partyId, code } = await house.partyOf(key)
  const found = await row<{ method: string | null; second_factor: string | null; officer_id: number | null }>(
    house.db,
    `select method, party.second_factor, officer_id
     from party left join signing_fact on signing_fact.party_id = party.id where party.id = :partyId`,
    { partyId },
  )
  return { ...found!, outcome: (await verifyCode(house.house, code, house.now)).outcome }
}

/** Asks for a code on the page and reads it from the mail to the second address. */
async function askCode(page: Page, house: TestHouse, key: string): Promise<string> {
  await page.getByRole('button', { name: 'Kirim kode', exact: true }).click()
  await page.getByText(/^Kode dikirim ke .•••@rekaan\.example/).waitFor()
  await house.advance()
  const [mail] = house.post.mailsTo(house.person(key).email.replace('@', '.pribadi@')).slice(-1)
  return /^(\d{6})$/m.exec(mail!.text)![1]!
}

test(
  'with script: a wrong code is said where it stands, the right one signs with the own key',
  { skip },
  async (t) => {
    const service = await openService(t, { ownKey: true, code: true })
    const { house, origin } = service
    const page = await service.open()
    await page.goto(`${origin}/t/${house.token('dinas1')}`)
    await look(page, 'signing, code not asked for')
    const code = await askCode(page, house, 'dinas1')
    await look(page, 'signing, code sent')
    await fill(page, house, 'dinas1')
    await page.locator('#code').fill(code === '000000' ? '000001' : '000000')
    await page.getByRole('button', { name: 'Tanda tangani' }).click()
    await page.getByText(/Kode tidak cocok.*masih ada 4 percobaan/).waitFor()
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'code')
    assert.ok(await page.locator('#isSelf').isChecked(), 'the form is kept')
    await look(page, 'signing, wrong code')
    await page.locator('#code').fill(code)
    await page.getByRole('button', { name: 'Tanda tangani' }).click()
    await page.waitForURL(/selesai/)
    assert.match(await page.locator('main').innerText(), /kode sekali pakai ke surel kedua/)
    await look(page, 'signed with a code')
    await house.advance()
    assert.deepEqual(await signature(service, 'dinas1'), {
      ...{ method: 'own-device-key', second_factor: 'code-by-email', officer_id: null, outcome: 'valid' },
    })
    assert.deepEqual(service.complaints, [])
  },
)

test(
  'without script, where the own key is demanded: the page says so first, and refuses kindly',
  { skip },
  async (t) => {
    const service = await openService(t, { ownKey: true, code: false })
    const { house, origin } = service
    const page = await service.open({ javaScriptEnabled: false })
    await page.goto(`${origin}/t/${house.token('dinas1')}`)
    assert.ok(await page.getByText('Pakta ini memerlukan peramban yang dapat membuat kunci').isVisible())
    await fill(page, house, 'dinas1')
    await page.getByRole('button', { name: 'Tanda tangani' }).click()
    assert.match(await page.locator('.summary-wrong').innerText(), /Belum ada yang ditandatangani/)
    assert.ok(await page.locator('#isSelf').isChecked(), 'the form is kept')
    assert.equal((await house.partyOf('dinas1')).state, 'ready')
  },
)

test('without script, with a code: typed on the same page', { skip }, async (t) => {
  const service = await openService(t, { ownKey: false, code: true })
  const { house, origin } = service
  const page = await service.open({ javaScriptEnabled: false })
  await page.goto(`${origin}/t/${house.token('dinas2')}`)
  const code = await askCode(page, house, 'dinas2')
  await fill(page, house, 'dinas2')
  await page.locator('#code').fill(code)
  await page.getByRole('button', { name: 'Tanda tangani' }).click()
  await page.waitForURL(/selesai/)
  await house.advance()
  assert.deepEqual(await signature(service, 'dinas2'), {
    ...{ method: 'one-time-server-key', second_factor: 'code-by-email', officer_id: null, outcome: 'valid' },
  })
})

for (const viewport of [screens.phone, { width: 1920, height: 1080 }])
  test(
    `at a kiosk of ${viewport.width} px: the officer confirms, the person signs on that device, the officer gets it back`,
    { skip },
    async (t) => {
      const service = await openService(t, { ownKey: true, code: true })
      const { house, origin } = service
      const officer = house.accounts.unit_head
      const page = await service.open({ viewport })
      const [name, value] = (await house.cookie(officer)).split('=')
      await page.context().addCookies([{ name: name!, value: value!, url: origin }])
      const { id } = (await row<{ id: number }>(house.db, 'select max(id)::int as id from campaign'))!
      await page.goto(`${origin}/pegawai/${id}/${await house.employeeId('dinas3')}`)
      await look(page, 'person')
      await page.getByRole('link', { name: 'Bantu menandatangani di kios' }).click()
      await look(page, 'kiosk')
      await page.getByRole('button', { name: 'Buka pakta di perangkat ini' }).click()
      assert.match(await page.locator('.summary-wrong').innerText(), /hadir dan Anda mengenalinya/)
      await page.locator('#isPresent').check()
      await page.getByRole('button', { name: 'Buka pakta di perangkat ini' }).click()
      await page.waitForURL(/\/t\//)
      assert.equal(await page.locator('.nav').count(), 0, 'the officer’s menu is not the signer’s')
      await look(page, 'signing at a kiosk')
      await fill(page, house, 'dinas3')
      await page.getByRole('button', { name: 'Tanda tangani' }).click()
      await page.waitForURL(/selesai/)
      await look(page, 'signed at a kiosk')
      await page.getByRole('link', { name: 'Kembalikan perangkat kepada petugas' }).click()
      await house.advance()
      await page.reload()
      assert.match(await page.locator('main').innerText(), /hadir di kios bantuan, dikenali petugas/)
      assert.deepEqual(await signature(service, 'dinas3'), {
        ...{ method: 'own-device-key', second_factor: 'in-person', officer_id: officer.id, outcome: 'valid' },
      })
      assert.deepEqual(service.complaints, [])
    },
  )

test(
  'on a collective pact the device signs a statement with every word of the page, and refuses other words',
  { skip },
  async (t) => {
    const service = await openService(t, { ownKey: true, code: false }, { isCollective: true })
    const { house, origin } = service
    const page = await service.open()
    await page.goto(`${origin}/t/${house.token('dinas1')}`)
    await look(page, 'signing a row')
    // A page that shows other words than those that would be signed.
    const point = page.locator('.naskah li').first()
    const words = await point.innerText()
    await point.evaluate((element) => (element.textContent = 'mendukung calon tertentu;'))
    await fill(page, house, 'dinas1')
    await page.getByRole('button', { name: 'Tanda tangani' }).click()
    await page.getByText(/tidak menandatangani: naskahnya berbeda dari yang ditampilkan/).waitFor()
    assert.equal((await house.partyOf('dinas1')).state, 'ready')
    await point.evaluate((element, text) => (element.textContent = text), words)
    await page.getByRole('button', { name: 'Tanda tangani' }).click()
    await page.waitForURL(/selesai/)
    await house.advance()
    await page.reload()
    assert.match(await page.locator('main').innerText(), /dimuat dalam pakta kolektif Dinas Kesehatan/)
    await look(page, 'signed a row')
    assert.deepEqual(await signature(service, 'dinas1'), {
      ...{ method: 'own-device-key', second_factor: null, officer_id: null, outcome: 'incomplete' },
    })
    assert.deepEqual(service.complaints, [])
  },
)

test(
  'a head signs with a .p12 chosen on the phone; neither file nor passphrase is sent',
  { skip },
  async (t) => {
    const name = 'Wa Ode Rekaan'
    const foreign = await openForeignAuthority([
      {
        ...{ name: 'head', subject: `/C=ID/O=Kota Rekaan/CN=${name}`, key: 'P-256' },
        extensions: 'keyUsage=critical,nonRepudiation',
      },
    ])
    t.after(() => foreign.close())
    const passphrase = 'rahasia-kepala-dinas'
    foreign.openssl(
      ...['pkcs12', '-export', '-inkey', 'head.key', '-in', 'head.crt', '-certfile', 'mid.crt'],
      ...['-passout', `pass:${passphrase}`, '-out', 'head.p12'],
    )
    const people = testPeople.map((one) => (one.key === 'kadis' ? { ...one, name } : one))
    const service = await openService(t, { ownKey: false, code: false }, { people, hasOpenGate: false })
    const { house, origin } = service
    const roots = parseCertificatesPem(foreign.read('root.crt').toString('latin1'))
    house.house.keys = { ...house.house.keys, roots: { ...house.house.keys.roots, person: roots } }
    house.house.foreign = openEvidence({ roots, timeoutSeconds: 5 })
    await house.advance()
    const page = await service.open()
    const sent: string[] = []
    page.on('request', (request) => sent.push(request.postData() ?? ''))
    await page.goto(`${origin}/t/${house.token('kadis')}`)
    await fill(page, house, 'kadis')
    await page.getByText('Punya sertifikat elektronik sendiri').click()
    await look(page, 'signing, own certificate')
    await page.locator('#p12-file').setInputFiles(foreign.path('head.p12'))
    await page.locator('#p12-passphrase').fill('bukan ini')
    await page.getByRole('button', { name: 'Tanda tangani' }).click()
    await page.getByText(/frasa sandi berkas .p12 salah/).waitFor()
    await page.locator('#p12-passphrase').fill(passphrase)
    await page.getByRole('button', { name: 'Tanda tangani' }).click()
    await page.waitForURL(/selesai/)
    assert.match(await page.locator('main').innerText(), /sertifikat elektronik milik penanda tangan sendiri/)
    const file = foreign.read('head.p12')
    for (const body of sent) {
      assert.ok(!body.includes(passphrase))
      for (const form of [file.toString('base64'), file.toString('hex'), file.toString('latin1')])
        assert.ok(!body.includes(encodeURIComponent(form.slice(0, 60))) && !body.includes(form.slice(0, 60)))
    }
    assert.deepEqual(service.complaints, [])
  },
)
