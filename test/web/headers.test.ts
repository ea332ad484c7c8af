// What every answer says about itself to a browser, and how often one address may ask.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { after, test } from 'node:test'
import request from 'supertest'
import { makeToken } from '../../src/domain/links.js'
import { requestSignin } from '../../src/flow/signin.js'
import { row } from '../../src/store/db.js'
import { routes } from '../../src/web/routes.js'
import { makeServer } from '../../src/web/server.js'
import { openTestHouse, ROOT } from '../house.js'

const ORIGIN = 'https://pakta.rekaan.example'

const house = await openTestHouse({ after }, { settings: { baseUrl: ORIGIN } })
const campaign = await house.openCampaign()
await house.openGates('kadis')
await house.sign('bidang1')
await house.advance()
const cookie = await house.cookie(house.accounts.administrator)
const witnessCookie = await house.cookie(house.accounts.bawaslu)
const sealed = await house.partyOf('bidang1')

const freshApp = (baseUrl = ORIGIN) =>
  makeServer(
    { ...house.house, settings: { ...house.house.settings, baseUrl } },
    {
      assets: { folder: join(ROOT, 'src/web/assets'), scripts: join(ROOT, 'dist/browser'), version: '0' },
      uploadFolder: join(house.folder, 'unggahan'),
      proxyCount: 0,
    },
    house.clock,
  )

const values: Record<string, string> = {
  token: house.token('bidang3'),
  campaignId: String(campaign.id),
  employeeId: String(await house.employeeId('bidang1')),
  unitId: String(await house.unitId('DINKES')),
  importId: '1',
  accountId: String(house.accounts.auditor.id),
  pactId: String((await house.partyOf('kadis')).pactId),
  code: sealed.code,
  format: 'csv',
  draftId: '1',
  templateCode: 'PI-ASN-INDIVIDU',
  version: '1',
  file: 'naskah.md',
  sha256: 'ab',
}

test('every answer forbids inline code, frames, sniffing and keeping, and tells no other site where one was', async () => {
  const addresses = [
    ...routes
      .filter((route) => route.method === 'get')
      .map((route) => ({ path: route.path, isWitness: route.path.startsWith('/saksi') })),
    { path: '/tidak/ada', isWitness: false },
    { path: '/v/%E0', isWitness: false },
    { path: '/sehat', isWitness: false },
  ]
  for (const { path, isWitness } of addresses) {
    const answer = await request(house.app)
      .get(path.replace(/:(\w+)/g, (_, name: string) => values[name] ?? 'x'))
      .set('Cookie', isWitness ? witnessCookie : cookie)
      .redirects(0)
    const { headers } = answer
    const policy = new Map(
      headers['content-security-policy']!.split(';').map((one) => {
        const [name, ...sources] = one.trim().split(' ')
        return [name!, sources.join(' ')]
      }),
    )
    assert.equal(policy.get('default-src'), "'none'", path)
    assert.equal(policy.get('script-src'), "'self'", path)
    assert.equal(policy.get('style-src'), "'self'", path)
    assert.equal(policy.get('frame-ancestors'), "'none'", path)
    assert.equal(policy.get('base-uri'), "'none'", path)
    assert.equal(policy.get('form-action'), "'self'", path)
    assert.doesNotMatch(headers['content-security-policy']!, /unsafe|\*|https?:/, path)
    assert.equal(headers['x-content-type-options'], 'nosniff', path)
    assert.equal(headers['referrer-policy'], 'same-origin', path)
    assert.equal(headers['cache-control'], 'no-store', path)
    assert.match(headers['strict-transport-security']!, /max-age=\d{7,}/, path)
    assert.equal(headers['x-powered-by'], undefined, path)
    assert.equal(headers['access-control-allow-origin'], undefined, path)
    if (!headers['content-type']?.startsWith('text/html')) continue
    const scripts = [...answer.text.matchAll(/<script\b([^>]*)>([^<]*)/g)]
    for (const [, attributes, inline] of scripts) {
      assert.match(attributes!, /src="\/aset\//, path)
      assert.equal(inline, '', path)
    }
    assert.doesNotMatch(answer.text, /<style\b|\sstyle=|\son[a-z]+="|javascript:/i, path)
    assert.doesNotMatch(answer.text, /(?:src|href|action)="(?:https?:)?\/\//, path)
  }
})

test('the cookie of a sign-in is HttpOnly and SameSite, and Secure where the address is https', async () => {
  for (const [baseUrl, isSecure] of [
    [ORIGIN, true],
    ['http://pakta.rekaan.example', false],
  ] as const) {
    await requestSignin(house.house, house.accounts.auditor.email, house.act())
    const { id } = (await row<{ id: number }>(house.db, 'select max(id)::int as id from signin'))!
    const token = makeToken(house.house.keys.linkKey, { purpose: 'signin', id, generation: 1 })
    const app = freshApp(baseUrl)
    const opened = await request(app).get(`/masuk/${token}`)
    assert.equal(opened.headers['set-cookie'], undefined, 'opening a link signs nobody in')
    const answer = await request(app).post(`/masuk/${token}`).set('Origin', baseUrl).redirects(0)
    const [set] = answer.headers['set-cookie'] as unknown as string[]
    assert.match(set!, /^pakta=[\w-]{43};/)
    assert.match(set!, /; HttpOnly/)
    assert.match(set!, /; SameSite=Lax/)
    assert.match(set!, /; Path=\//)
    assert.match(set!, /; Max-Age=43200/)
    assert.equal(/; Secure/.test(set!), isSecure)
    assert.equal(answer.headers['strict-transport-security'] !== undefined, isSecure)
    const session = set!.split(';')[0]!
    assert.equal(
      (await request(app).get('/cakupan').set('Cookie', session).redirects(0)).headers['location'],
      `/cakupan/${campaign.id}/0`,
    )
    const left = await request(app).post('/keluar').set('Origin', baseUrl).set('Cookie', session).redirects(0)
    assert.match((left.headers['set-cookie'] as unknown as string[])[0]!, /^pakta=; Max-Age=0;/)
    const again = await request(app).get('/cakupan').set('Cookie', session).redirects(0)
    assert.equal(again.headers['location'], '/masuk', 'the session has ended on the server too')
  }
})

test('style, drawing and script are kept for ever by the browser; nothing else comes out of their folder', async () => {
  for (const name of ['pakta.css', 'desk.css', 'lambang.svg', 'signing.js']) {
    const answer = await request(house.app).get(`/aset/${name}?v=0`)
    assert.equal(answer.status, 200, name)
    assert.equal(answer.headers['cache-control'], 'public, max-age=31536000, immutable', name)
    assert.equal(answer.headers['x-content-type-options'], 'nosniff', name)
  }
  for (const path of [
    '/aset/',
    '/aset/..%2fserver.js',
    '/aset/%2e%2e/routes.ts',
    '/aset/.env',
    '/aset/%00',
    '/aset',
  ])
    assert.ok([400, 404].includes((await request(house.app).get(path).redirects(0)).status), path)
})

test('the script that a page names is the one that is sent, and the one that /tentang publishes', async () => {
  const app = freshApp()
  const page = await request(app).get(`/t/${house.token('bidang3')}`)
  const [, address, integrity] = /<script src="([^"]+)" integrity="sha256-([^"]+)"/.exec(page.text)!
  const script = await request(app).get(address!.replaceAll('&amp;', '&')).buffer(true)
  const digest = createHash('sha256').update(script.text).digest()
  assert.equal(integrity, digest.toString('base64'))
  const about = await request(app).get('/tentang')
  assert.ok(about.text.replaceAll(' ', '').includes(digest.toString('hex')))
})

test('/sehat says that the service runs', async () => {
  const answer = await request(house.app).get('/sehat')
  assert.equal(answer.status, 200)
  assert.equal(answer.text, 'ok')
})

const assertTooMany = (answer: request.Response, where: string) => {
  assert.equal(answer.status, 429, where)
  assert.match(answer.text, /^<!doctype html><html lang="id">/)
  assert.match(answer.text, /menit/)
  assert.ok(Number(answer.headers['retry-after']) > 0, where)
}

test('after sixty links or codes that lead nowhere an address has to wait, and who has a good one never does', async () => {
  const misses = {
    link: (index: number) => `/t/${String(index).padStart(43, 'a')}`,
    code: (index: number) => `/v/${String(index).padStart(26, '0')}`,
    'typed code': (index: number) => `/v?kode=salah${index}`,
    'sign-in': (index: number) => `/masuk/${String(index).padStart(43, 'a')}`,
  }
  for (const [name, pathOf] of Object.entries(misses)) {
    const app = freshApp()
    for (let index = 0; index < 60; index++) {
      const { status } = await request(app).get(pathOf(index))
      assert.ok([400, 404, 410].includes(status), `${name} ${index}: ${status}`)
    }
    assertTooMany(await request(app).get(pathOf(60)), name)
    for (const path of [`/t/${house.token('bidang3')}`, `/v/${sealed.code}`, '/v', '/masuk', '/'])
      assert.equal((await request(app).get(path)).status, 200, `${path} after too many of ${name}`)
    const opened = await request(app)
      .post(`/t/${house.token('bidang3')}/dibuka`)
      .set('Origin', ORIGIN)
    assert.equal(opened.status, 204)
  }
})

test('two hundred good visits at once from one address are all answered', async () => {
  const app = freshApp()
  const server = app.listen(0)
  const answers = await Promise.all(
    Array.from({ length: 200 }, () => request(server).get(`/t/${house.token('bidang3')}`)),
  )
  assert.deepEqual([...new Set(answers.map((one) => one.status))], [200])
  await new Promise((closed) => server.close(closed))
})

test('requests for a sign-in link and files to check are limited by address', async () => {
  const app = freshApp()
  for (let index = 0; index < 60; index++) {
    const answer = await request(app)
      .post('/masuk')
      .set('Origin', ORIGIN)
      .type('form')
      .send(`email=a${index}@b.example`)
    assert.ok(answer.status < 400)
  }
  const one = await request(app).post('/masuk').set('Origin', ORIGIN).type('form').send('email=a@b.example')
  assertTooMany(one, 'sign-in')
  for (let index = 0; index < 60; index++)
    assert.equal((await request(app).post('/v').set('Origin', ORIGIN)).status, 400)
  assertTooMany(await request(app).post('/v').set('Origin', ORIGIN), 'upload')
})

test('whether an address has an account cannot be read from the answer, and its mails are few', async () => {
  const ask = (email: string) =>
    request(freshApp()).post('/masuk').set('Origin', ORIGIN).type('form').send({ email }).redirects(0)
  const known = await ask(house.accounts.administrator.email)
  const unknown = await ask('tidak-ada@rekaan.example')
  assert.equal(known.status, unknown.status)
  assert.equal(known.headers['location'], unknown.headers['location'])
  assert.equal(known.text, unknown.text)
  for (let index = 0; index < 10; index++) await ask(house.accounts.administrator.email)
  const { n } = (await row<{ n: number }>(
    house.db,
    `select count(*)::int as n from mail where kind = 'signin' and account_id = :id`,
    { id: house.accounts.administrator.id },
  ))!
  assert.ok(n <= 6, `${n} mails`)
  await house.advance()
  await house.check()
})
