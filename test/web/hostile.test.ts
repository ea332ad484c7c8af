// What people and programs send who mean no good, or whose connection breaks: a clear answer, nothing half done.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import { execFileSync } from 'node:child_process'
import request from 'supertest'
import { makeToken } from '../../src/domain/links.js'
import { closeCampaign } from '../../src/flow/open.js'
import { readPact } from '../../src/flow/file.js'
import { requestSignin } from '../../src/flow/signin.js'
import { row, rows } from '../../src/store/db.js'
import { writeXlsx } from '../../src/store/sheets.js'
import { routes } from '../../src/web/routes.js'
import { makeServer } from '../../src/web/server.js'
import { HOUR, openTestHouse, ROOT, type TestHouse } from '../house.js'
import { testPeople } from '../roster.js'
import { hasTool, readCsvByPython, readXlsxByPython } from './workbook.js'

const ORIGIN = 'http://pakta.rekaan.example'

const house = await openTestHouse({ after })
const campaign = await house.openCampaign()
await house.openGates('kadis')
const cookie = await house.cookie(house.accounts.administrator)
const uploadFolder = join(house.folder, 'unggahan')

/** The same house behind doors of its own, so that no test meets the rate limits of another. */
const freshApp = (of: TestHouse = house) =>
  makeServer(
    of.house,
    {
      assets: { folder: join(ROOT, 'src/web/assets'), scripts: join(ROOT, 'dist/browser'), version: '0' },
      uploadFolder,
      proxyCount: 0,
    },
    of.clock,
  )

const post = (path: string, app = house.app) => request(app).post(path).set('Origin', ORIGIN).redirects(0)
const postForm = (path: string, form: string | Record<string, string>, app = house.app) =>
  post(path, app).set('Cookie', cookie).type('form').send(form)

function assertPage(answer: request.Response, status: number, where: string) {
  assert.equal(answer.status, status, `${where}: ${answer.status}`)
  assert.match(answer.text, /^<!doctype html><html lang="id">/, where)
  assert.match(answer.text, /<h1[ >]/, where)
  assert.doesNotMatch(answer.text, /\b(undefined|NaN|null|Error|\[object)\b/, where)
}

/** Runs `act`; nothing in the database and no file of an upload may be there afterwards that was not before. */
async function changingNothing(act: () => Promise<void>) {
  const before = await house.dump()
  await act()
  assert.deepEqual(await house.dump(), before)
  assert.deepEqual(readdirSync(uploadFolder), [], 'an upload was left lying about')
}

const replies = /HTTP\/1\.1 (\d{3})/

/** Sends bytes as they are and returns what comes back until the server closes or `waitMilliseconds` pass. */
async function sendRaw(
  pieces: (string | Buffer)[],
  { hangsUp = false, waitMilliseconds = 4000 } = {},
): Promise<string> {
  const server = house.app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  let got = ''
  socket.on('data', (chunk) => (got += chunk.toString('latin1')))
  socket.on('error', () => {})
  const closed = new Promise((done) => socket.once('close', done))
  for (const piece of pieces) {
    if (socket.destroyed) break
    if (!socket.write(piece)) await Promise.race([new Promise((done) => socket.once('drain', done)), closed])
  }
  if (hangsUp) socket.destroy()
  else
    await new Promise<void>((done) => {
      const timer = setTimeout(done, waitMilliseconds)
      const look = () => {
        if (!/<\/html>/.test(got)) return
        clearTimeout(timer)
        done()
      }
      look()
      socket.on('data', look)
      socket.on('close', () => (clearTimeout(timer), done()))
    })
  socket.destroy()
  server.closeAllConnections()
  await new Promise((closed) => server.close(closed))
  return got
}

const bad = {
  short: 'a'.repeat(42),
  long: 'a'.repeat(44),
  'very long': 'a'.repeat(8000),
  'one character': 'a',
  unknown: 'a'.repeat(43),
  'not base64url': '+'.repeat(43),
  'zero byte': `${'a'.repeat(42)}%00`,
  'parent folder': '..%2F..%2Fetc%2Fpasswd',
  quote: `${'a'.repeat(42)}'`,
  emoji: encodeURIComponent('😀'.repeat(10)),
  script: encodeURIComponent('<script>alert(1)</script>'),
}

test('a link of the wrong length or with other characters leads to one page, whatever is asked of it', async () => {
  await changingNothing(async () => {
    for (const [name, token] of Object.entries(bad)) {
      const app = freshApp()
      for (const route of routes.filter((one) => one.path.includes(':token'))) {
        const path = route.path.replace(':token', token)
        const answer =
          route.method === 'get'
            ? await request(app).get(path).redirects(0)
            : await post(path, app).type('form').send('isSelf=on')
        const where = `${route.method} ${route.path} with a token that is ${name}`
        if (route.path.endsWith('/dibuka')) assert.equal(answer.status, 204, where)
        else if (answer.status === 303)
          assert.equal(answer.headers['location'], `/t/${encodeURIComponent(decodeURIComponent(token))}`)
        else assertPage(answer, route.path.startsWith('/masuk') ? 410 : 404, where)
      }
    }
  })
})

test('a path that is no UTF-8, an id beyond the database, and an odd query are answered and not faults', async () => {
  await changingNothing(async () => {
    for (const path of ['/v/%E0%A4%A', '/t/%', '/t/%FF', '/cakupan/%E0%A4%A/1'])
      assertPage(await request(house.app).get(path), 400, path)
    for (const id of [
      '2147483648',
      '99999999999999999999',
      '-1',
      '1.5',
      '1e3',
      '0x10',
      '%31%32abc',
      'NaN',
      '%00',
    ])
      for (const path of [
        `/cakupan/${id}/1`,
        `/cakupan/1/${id}`,
        `/pegawai/${campaign.id}/${id}`,
        `/pegawai/${id}/1`,
        `/admin/kegiatan/${id}`,
        `/admin/daftar-pegawai/${id}`,
        `/admin/kegiatan/1/unit/${id}`,
        `/admin/pakta/${id}/cabut`,
      ])
        assertPage(await request(house.app).get(path).set('Cookie', cookie), 404, path)
    const people = `/cakupan/${campaign.id}/0/nama`
    for (const query of [
      '?page=1e308',
      '?page=-1',
      '?page=NaN',
      '?page=%00',
      '?status=__proto__',
      '?status=%00',
      '?status=a&status=b',
      '?%E0%A4%A=%FF',
      '?status[]=x',
      `?page=${'9'.repeat(400)}`,
    ])
      assertPage(
        await request(house.app)
          .get(people + query)
          .set('Cookie', cookie),
        200,
        query,
      )
    for (const path of ['/v?kode=%00', '/v?kode=%E0%A4%A', `/v?kode=${'A'.repeat(7000)}`])
      assertPage(await request(house.app).get(path), 400, path)
    for (const path of ['//', '//?x', '//[', '/?%', '/.', '/..%2f', '/%2e%2e/admin']) {
      const answer = await sendRaw([`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`])
      assert.match(replies.exec(answer)?.[1] ?? '', /^(200|404|400|303)$/, path)
    }
    const cookieOf = (value: string) => request(house.app).get('/admin').set('Cookie', value).redirects(0)
    for (const value of ['pakta=%E0%A4%A', 'pakta=', `pakta=${'a'.repeat(43)}`, 'pakta=__proto__', '=;=;='])
      assert.equal((await cookieOf(value)).headers['location'], '/masuk', value)
  })
})

test('a POST from another site is refused on every route, whatever it does not say about itself', async () => {
  const values: Record<string, string> = {
    token: house.token('bidang4'),
    campaignId: String(campaign.id),
    employeeId: String(await house.employeeId('bidang4')),
    unitId: String(await house.unitId('DINKES')),
    importId: '1',
    accountId: String(house.accounts.auditor.id),
    pactId: String((await house.partyOf('kadis')).pactId),
    code: (await house.partyOf('kadis')).code,
  }
  const claims: Record<string, Record<string, string>> = {
    'another site': { Origin: 'https://jahat.example' },
    'a sandboxed frame': { Origin: 'null' },
    nothing: {},
    'a neighbour domain': { Origin: 'http://lain.rekaan.example' },
    'a longer name': { Origin: 'http://pakta.rekaan.example.jahat.example' },
    'another port': { Origin: 'http://pakta.rekaan.example:8443' },
    'same site only': { 'Sec-Fetch-Site': 'same-site' },
    'cross site': { 'Sec-Fetch-Site': 'cross-site' },
    'typed address': { 'Sec-Fetch-Site': 'none' },
    'no URL': { Origin: 'pakta' },
  }
  await changingNothing(async () => {
    for (const route of routes.filter((one) => one.method === 'post' && !one.bodyBytesMax))
      for (const [name, headers] of Object.entries(claims)) {
        const path = route.path.replace(/:(\w+)/g, (_, key: string) => values[key]!)
        const answer = await request(house.app)
          .post(path)
          .set('Cookie', cookie)
          .set(headers)
          .type('form')
          .send('reason=KEBERATAN&note=x&kind=reissue')
        assertPage(answer, 403, `${path} from ${name}`)
      }
  })
})

test('one signature comes of ten posts at once, and of a second one afterwards', async () => {
  const path = `/t/${house.token('bidang1')}/tanda-tangan`
  const { textSha256, identityTail } = await house.consent('bidang1')
  const form = {
    textSha256,
    identityTail,
    isSelf: 'on',
    hasRead: 'on',
    isBinding: 'on',
    method: 'typed',
    typedName: house.person('bidang1').name,
  }
  const answers = await Promise.all(Array.from({ length: 10 }, () => postForm(path, form)))
  for (const answer of [...answers, await postForm(path, form)]) {
    assert.equal(answer.status, 303)
    assert.match(answer.headers['location']!, /\/selesai$/)
  }
  const { partyId } = await house.partyOf('bidang1')
  const agreed = await rows(house.db, `select id from event where kind = 'agreed' and party_id = :partyId`, {
    partyId,
  })
  assert.equal(agreed.length, 1)
  await house.advance()
  // Too late for anything else.
  await changingNothing(async () => {
    const token = house.token('bidang1')
    for (const [step, sent] of [
      ['data-keliru', 'note=x'],
      ['belum-bersedia', 'reason=KEBERATAN'],
      ['tautan-baru', ''],
    ] as const) {
      const answer = await postForm(`/t/${token}/${step}`, sent)
      assert.ok(answer.status < 400, `${step}: ${answer.status}`)
    }
  })
})

test('two answers at once leave one of them, and a signature excludes an objection', async () => {
  const token = house.token('bidang2')
  const { textSha256, identityTail } = await house.consent('bidang2')
  const sign = `textSha256=${textSha256}&identityTail=${identityTail}&isSelf=on&hasRead=on&isBinding=on&method=typed&typedName=${encodeURIComponent(house.person('bidang2').name)}`
  const answers = await Promise.all([
    postForm(`/t/${token}/tanda-tangan`, sign),
    postForm(`/t/${token}/data-keliru`, 'note=Gelar'),
    postForm(`/t/${token}/belum-bersedia`, 'reason=KEBERATAN&note='),
  ])
  for (const answer of answers) assert.ok(answer.status < 500, `${answer.status}`)
  const { state } = await house.partyOf('bidang2')
  assert.ok(['agreed', 'disputed', 'declined'].includes(state), state)
  if (state === 'disputed') {
    const again = await postForm(`/t/${token}/tanda-tangan`, sign)
    assertPage(again, 200, 'signing while the data are in dispute')
    assert.equal((await house.partyOf('bidang2')).state, 'disputed')
  }
})

test('a form without consent, with words that have changed or with the wrong person is shown again', async () => {
  const token = house.token('bidang3')
  const { textSha256, identityTail } = await house.consent('bidang3')
  const name = house.person('bidang3').name
  const good: Record<string, string> = {
    textSha256,
    identityTail,
    isSelf: 'on',
    hasRead: 'on',
    isBinding: 'on',
    method: 'typed',
    typedName: name,
  }
  const without = (key: string) => Object.fromEntries(Object.entries(good).filter(([one]) => one !== key))
  const drawn = (strokes: string) => ({ ...good, method: 'drawn', strokes })
  const wrong: Record<string, Record<string, string>> = {
    empty: {},
    'no self': without('isSelf'),
    'no reading': without('hasRead'),
    'no binding': without('isBinding'),
    'no words': without('textSha256'),
    'other words': { ...good, textSha256: '0'.repeat(64) },
    'another person': { ...good, identityTail: '0000' },
    'another name': { ...good, typedName: 'Orang Lain' },
    'no name': { ...good, typedName: '' },
    'a name of emoji': { ...good, typedName: '😀😀' },
    'a name of marks': { ...good, typedName: '\u202e\u200b' },
    'a long name': { ...good, typedName: `${name} `.repeat(40) },
    'strokes: nothing': drawn(''),
    'strokes: no JSON': drawn('{{{'),
    'strokes: an object': drawn('{"length":1}'),
    'strokes: null': drawn('null'),
    'strokes: text': drawn('[["a","b"]]'),
    'strokes: deep': drawn('['.repeat(40_000)),
    'strokes: infinite': drawn('[[1e999,1]]'),
    'strokes: outside': drawn('[[601,0]]'),
    'strokes: negative': drawn('[[-1,0]]'),
    'strokes: fraction': drawn('[[0.5,0]]'),
    'strokes: odd': drawn('[[1,2,3]]'),
    'strokes: empty stroke': drawn('[[]]'),
    'strokes: too many': drawn(JSON.stringify(Array.from({ length: 81 }, () => [1, 1]))),
    'strokes: too many points': drawn(JSON.stringify([Array.from({ length: 8002 }, () => 1)])),
    'strokes: prototype': drawn('[{"__proto__":[1,2]}]'),
  }
  await changingNothing(async () => {
    for (const [name, form] of Object.entries(wrong))
      assertPage(await postForm(`/t/${token}/tanda-tangan`, form), 400, name)
  })
})

test('a zero byte is refused by name wherever somebody may type', async () => {
  const nul = 'abc%00def'
  const id = await house.employeeId('dinas1')
  const unit = await house.unitId('BKD')
  const token = house.token('dinas1')
  await changingNothing(async () => {
    for (const [path, form] of [
      [`/t/${token}/data-keliru`, `note=${nul}`],
      [`/t/${token}/belum-bersedia`, `reason=KEBERATAN&note=${nul}`],
      [`/t/${token}/tanda-tangan`, `typedName=${nul}`],
      ['/masuk', `email=a${nul}@b.example`],
      [`/pegawai/${campaign.id}/${id}/surel`, `email=${nul}`],
      [`/pegawai/${campaign.id}/${id}/kecualikan`, `reason=CUTI&note=${nul}`],
      [`/admin/kegiatan/${campaign.id}/unit/${unit}/buka-tanpa-pimpinan`, `reason=${nul}${nul}`],
      ['/admin/akun', `name=${nul}&role=auditor&email=a@b.example`],
      ['/admin/kegiatan', `name=${nul}`],
      ['/keluar', `${nul}=x`],
    ] as const) {
      const answer = await postForm(path, form)
      assertPage(answer, 400, path)
      assert.match(answer.text, /U\+0000/, path)
    }
  })
})

test('forms beyond every bound are refused: a megabyte, ten thousand fields, twice the same, arrays', async () => {
  const token = house.token('dinas1')
  const path = `/t/${token}/belum-bersedia`
  await changingNothing(async () => {
    assertPage(await postForm(path, `reason=KEBERATAN&note=${'a'.repeat(1_000_000)}`), 413, 'a megabyte')
    assertPage(await postForm(path, 'a=1&'.repeat(10_000)), 413, 'ten thousand fields')
    assertPage(await postForm(path, `reason=KEBERATAN&note=${'a'.repeat(1001)}`), 400, 'a long note')
    assertPage(await postForm(path, 'reason[]=KEBERATAN&reason[x]=KEBERATAN'), 400, 'arrays')
    assertPage(await postForm(path, 'reason=__proto__'), 400, 'prototype')
    assertPage(await postForm(path, 'reason=toString'), 400, 'an inherited name')
    assertPage(await post(path).type('json').send({ reason: 'KEBERATAN' }), 400, 'JSON')
    assertPage(await post(path).type('text/plain').send('reason=KEBERATAN'), 400, 'text')
    assertPage(await post(path).type('multipart/form-data').send('x'), 400, 'multipart without a boundary')
    const noName = '--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n'
    assertPage(
      await post(path).type('multipart/form-data; boundary=b').send(noName),
      400,
      'a part without a name',
    )
    const chunks = ['200000\r\n', Buffer.alloc(0x200000, 0x61), '\r\n']
    const answer = await sendRaw([
      `POST ${path} HTTP/1.1\r\nHost: a\r\nOrigin: ${ORIGIN}\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n`,
      ...chunks,
    ])
    assert.equal(replies.exec(answer)?.[1], '413', 'two megabytes in chunks, without an end')
  })
  // The same field twice: the first counts, as it does for whoever reads the form.
  const answer = await postForm(path, 'reason=SEDANG_CUTI&reason=KEBERATAN&note=')
  assert.equal(answer.status, 200)
  const party = await row<{ reason: string }>(
    house.db,
    'select answer_reason as reason from party where id = :id',
    { id: (await house.partyOf('dinas1')).partyId },
  )
  assert.equal(party!.reason, 'SEDANG_CUTI')
  // Bytes that are no UTF-8 and half a surrogate pair become the replacement character.
  const odd = await postForm(path, 'reason=KEBERATAN&note=%FF%ED%A0%80%F0%9F%98%80')
  assert.equal(odd.status, 200)
})

test('ids in forms that no database has are refused with their field', async () => {
  const unit = await house.unitId('BKD')
  await changingNothing(async () => {
    for (const id of ['99999999999', '1.5', '1e3', 'NaN', '-1', '']) {
      const account = `role=unit_head&unitId=${id}&name=A&email=baru@rekaan.example`
      assertPage(await postForm('/admin/akun', account), 400, `unit ${id}`)
      const witness = await postForm(`/admin/kegiatan/${campaign.id}/unit/${unit}`, `witnessAccountId=${id}`)
      assertPage(witness, 400, `witness ${id}`)
    }
    const nothing =
      'name=x&electionName=y&unitIds=99999999999&witnessAccountId=1e99&legalBasisId=-&quietFromHour=99'
    assertPage(await postForm('/admin/kegiatan', nothing), 400, 'a campaign')
  })
})

test('a reason is kept whole or refused, never cut: also where an emoji stands at the bound', async () => {
  const unit = await house.unitId('74.71.01')
  const path = `/admin/kegiatan/${campaign.id}/unit/${unit}/buka-tanpa-pimpinan`
  await changingNothing(async () => {
    assertPage(await postForm(path, { reason: 'a'.repeat(499) + '😀' }), 400, '501 UTF-16 units')
    assertPage(await postForm(path, { reason: 'pendek' }), 400, 'short')
  })
  const reason = `${'a'.repeat(496)}\n😀`
  const both = await Promise.all([
    postForm(path, { reason: reason.replace('\n', '\r\n') }),
    postForm(path, { reason }),
  ])
  assert.deepEqual(both.map((one) => one.status).sort(), [303, 409])
  const gate = await row<{ reason: string }>(
    house.db,
    'select override_reason as reason from campaign_unit where unit_id = :unit and campaign_id = :campaignId',
    { unit, campaignId: campaign.id },
  )
  assert.equal(gate!.reason, reason)
})

test('a sign-in link works once, however many press its button', async () => {
  await requestSignin(house.house, house.accounts.auditor.email, house.act())
  const { id } = (await row<{ id: number }>(house.db, 'select max(id)::int as id from signin'))!
  const token = makeToken(house.house.keys.linkKey, { purpose: 'signin', id, generation: 1 })
  const answers = await Promise.all(Array.from({ length: 8 }, () => post(`/masuk/${token}`)))
  assert.deepEqual(answers.map((one) => one.status).sort(), [303, ...Array<number>(7).fill(410)])
  assertPage(await post(`/masuk/${token}`), 410, 'afterwards')
  const personal = house.token('dinas3')
  assertPage(await post(`/masuk/${personal}`), 410, 'a personal link is no sign-in')
})

test('two people invite the same address at once: one account', async () => {
  const form = 'role=auditor&name=Auditor+Baru&email=Baru%40Rekaan.example'
  const answers = await Promise.all([postForm('/admin/akun', form), postForm('/admin/akun', form)])
  assert.deepEqual(answers.map((one) => one.status).sort(), [303, 400])
})

// --- a file to check ---

const pdfOf = async (key: string) => {
  const { pactId } = await house.partyOf(key)
  return readPact(house.house, house.db, pactId)
}

const part = (name: string, fileName: string, bytes: string | Buffer, boundary = 'batas') =>
  Buffer.concat([
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="${fileName}"\r\nContent-Type: application/octet-stream\r\n\r\n`,
    ),
    Buffer.from(bytes),
    Buffer.from('\r\n'),
  ])

test('what is no PDF of ours is answered: empty, text, a picture, cut, encrypted, changed', async (t) => {
  if (!hasTool(t, 'qpdf')) return
  const app = freshApp()
  const pdf = await pdfOf('kadis')
  writeFileSync(join(house.folder, 'a.pdf'), pdf)
  execFileSync('qpdf', [
    '--encrypt',
    'u',
    'o',
    '256',
    '--',
    join(house.folder, 'a.pdf'),
    join(house.folder, 'b.pdf'),
  ])
  const flipped = Buffer.from(pdf)
  flipped[2000]! ^= 1
  const unreadable: Record<string, Buffer> = {
    empty: Buffer.alloc(0),
    text: Buffer.from('bukan pdf'),
    zeros: Buffer.alloc(100_000),
    picture: Buffer.from('89504e470d0a1a0a', 'hex'),
  }
  const invalid: Record<string, Buffer> = {
    'a header only': Buffer.from('%PDF-1.7\n'),
    'cut in half': pdf.subarray(0, pdf.length / 2),
    'cut by one byte': pdf.subarray(0, -1),
    'one byte more': Buffer.concat([pdf, Buffer.from('\n')]),
    'one bit': flipped,
    encrypted: readFileSync(join(house.folder, 'b.pdf')),
  }
  await changingNothing(async () => {
    const upload = (bytes: Buffer) => post('/v', app).attach('file', bytes, 'a.pdf')
    for (const [name, bytes] of Object.entries(unreadable)) assertPage(await upload(bytes), 400, name)
    for (const [name, bytes] of Object.entries(invalid)) {
      const answer = await upload(bytes)
      assertPage(answer, answer.status === 400 ? 400 : 200, name)
      if (answer.status === 200) assert.match(answer.text, /<h1>TIDAK SAH<\/h1>/, name)
      assert.ok(!answer.text.includes(house.person('kadis').name), name)
    }
    assert.match((await upload(pdf)).text, /<h1>SAH<\/h1>/)
    assertPage(await post('/v', app).type('form').send('file=x'), 400, 'no file at all')
    assertPage(await post('/v', app).attach('berkas', pdf, 'a.pdf'), 400, 'a file of another name')
    const two = Buffer.concat([
      part('file', 'a.pdf', pdf),
      part('file', 'b.pdf', 'x'),
      Buffer.from('--batas--\r\n'),
    ])
    const multipart = (body: Buffer) => post('/v', app).type('multipart/form-data; boundary=batas').send(body)
    assertPage(await multipart(two), 400, 'two files')
    assertPage(await multipart(part('file', 'a.pdf', pdf)), 400, 'no closing boundary')
    assertPage(
      await multipart(part('file', 'a.pdf', pdf).subarray(0, 5000)),
      400,
      'stops in the middle of the file',
    )
    assertPage(await multipart(Buffer.from('--batas\r\nContent-Dis')), 400, 'stops in a header')
    assertPage(await post('/v', app).type('multipart/form-data').send('--batas'), 400, 'no boundary')
    const odd = Buffer.concat([part('file', '../../etc/passwd\0.pdf', 'x'), Buffer.from('--batas--\r\n')])
    assertPage(await multipart(odd), 400, 'a path for a name')
  })
})

test('200 megabytes are refused at once when announced, and at the bound when they come in chunks', async () => {
  await changingNothing(async () => {
    const head = `POST /v HTTP/1.1\r\nHost: a\r\nOrigin: ${ORIGIN}\r\nContent-Type: multipart/form-data; boundary=batas\r\n`
    const start = part('file', 'a.pdf', '').subarray(0, -2)
    const announced = await sendRaw([`${head}Content-Length: 200000000\r\n\r\n`, start])
    assert.equal(replies.exec(announced)?.[1], '413')
    assert.match(announced, /20 MB/)
    const megabyte = [`${(1_000_000).toString(16)}\r\n`, Buffer.alloc(1_000_000, 0x25), '\r\n']
    const chunked = await sendRaw([
      `${head}Transfer-Encoding: chunked\r\n\r\n${start.length.toString(16)}\r\n`,
      start,
      '\r\n',
      ...Array.from({ length: 200 }, () => megabyte).flat(),
    ])
    assert.equal(replies.exec(chunked)?.[1], '413')
    assert.match(chunked, /20 MB/)
    const broken = [`${head}Content-Length: 5000000\r\n\r\n`, start, Buffer.alloc(100_000, 0x25)]
    await sendRaw(broken, { hangsUp: true })
    await new Promise((done) => setTimeout(done, 300))
  })
  assertPage(await request(house.app).get('/v'), 200, 'and the service still answers')
})

test('whoever may not import is refused before the file has come', async () => {
  const bytes = Buffer.alloc(30_000_000, 0x61)
  const auditor = await house.cookie(house.accounts.auditor)
  await changingNothing(async () => {
    const nobody = await post('/admin/daftar-pegawai').attach('file', bytes, 'a.csv')
    assertPage(nobody, 401, 'nobody')
    const reader = await post('/admin/daftar-pegawai').set('Cookie', auditor).attach('file', bytes, 'a.csv')
    assertPage(reader, 403, 'auditor')
  })
})

// --- a roster to import ---

const upload = (bytes: Buffer, fileName = 'pegawai.xlsx', app = house.app) =>
  post('/admin/daftar-pegawai', app).set('Cookie', cookie).attach('file', bytes, fileName)

/** A ZIP file made by hand, so that its headers can lie. */
function zip(files: Record<string, { bytes: Buffer; deflated?: Buffer; size?: number }>): Buffer {
  const crc = (bytes: Buffer) => {
    let value = ~0
    for (const byte of bytes) {
      value ^= byte
      for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0)
    }
    return ~value >>> 0
  }
  const locals: Buffer[] = []
  const central: Buffer[] = []
  let offset = 0
  for (const [name, { bytes, deflated = deflateRawSync(bytes), size = bytes.length }] of Object.entries(
    files,
  )) {
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(8, 4)
    common.writeUInt32LE(crc(bytes), 10)
    common.writeUInt32LE(deflated.length, 14)
    common.writeUInt32LE(size, 18)
    common.writeUInt16LE(name.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), deflated])
    const entry = Buffer.alloc(14)
    entry.writeUInt32LE(offset, 10)
    central.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\0'), common, entry, Buffer.from(name)]))
    locals.push(local)
    offset += local.length
  }
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 0, 'latin1')
  end.writeUInt16LE(central.length, 8)
  end.writeUInt16LE(central.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, directory, end])
}

const bookOf = (sheet: Buffer, deflated?: Buffer, size?: number) =>
  zip({
    '[Content_Types].xml': {
      bytes: Buffer.from(
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
      ),
    },
    'xl/workbook.xml': {
      bytes: Buffer.from(
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="PNS" sheetId="1" r:id="rId1"/></sheets></workbook>',
      ),
    },
    'xl/_rels/workbook.xml.rels': {
      bytes: Buffer.from(
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
      ),
    },
    'xl/worksheets/sheet1.xml': {
      bytes: sheet,
      ...(deflated && { deflated }),
      ...(size !== undefined && { size }),
    },
  })

const sheetXml = (rowsXml: string) =>
  Buffer.from(
    `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${rowsXml}</sheetData></worksheet>`,
  )
const rowXml = (cells: string[], index: number) =>
  `<row r="${index}">${cells.map((cell) => (cell.startsWith('<c') ? cell : `<c t="inlineStr"><is><t xml:space="preserve">${cell}</t></is></c>`)).join('')}</row>`

const titles = [
  'NIP',
  'NAMA',
  'JENIS PEGAWAI',
  'KEDUDUKAN HUKUM',
  'GOLONGAN',
  'JABATAN',
  'UNIT KERJA',
  'EMAIL',
]
const cellsOf = (key: string, change: Record<string, string> = {}) => {
  const person = testPeople.find((one) => one.key === key)!
  const own: Record<string, string> = {
    NIP: person.identityNumber,
    NAMA: person.name,
    'JENIS PEGAWAI': 'PNS',
    'KEDUDUKAN HUKUM': 'Aktif',
    GOLONGAN: 'III/c',
    JABATAN: person.jabatan,
    'UNIT KERJA': person.unit,
    EMAIL: person.email,
    ...change,
  }
  return titles.map((title) => own[title]!)
}

const employees = () => rows(house.db, 'select * from employee order by id')

test('a file that is no roster is refused with what to do, and the roster stays as it was', async () => {
  const before = await employees()
  const xlsx = await writeXlsx([{ name: 'PNS', columns: [{ title: 'KOTA' }], rows: [['Kendari']] }])
  const good = bookOf(sheetXml(rowXml(titles, 1) + rowXml(cellsOf('dinas1'), 2)))
  const bomb = Buffer.alloc(700_000_000, 0x20)
  const refused: Record<string, Buffer> = {
    empty: Buffer.alloc(0),
    xls: Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(5000)]),
    'html renamed': Buffer.from('<html><table><tr><td>NIP</td></tr></table></html>'),
    pdf: Buffer.from('%PDF-1.7\n'),
    'utf-16': Buffer.from('\ufeffNIP;NAMA', 'utf16le'),
    latin1: Buffer.from('NIP;NAMA\n1;Andr\xe9\n', 'latin1'),
    'a quote without an end': Buffer.from('NIP;NAMA\n1;"abc\n'),
    'a zip that is cut': good.subarray(0, good.length - 30),
    'a zip without a workbook': zip({ 'a.txt': { bytes: Buffer.from('x') } }),
    'a zip bomb': bookOf(Buffer.alloc(0), deflateRawSync(bomb, { level: 9 }), bomb.length),
    'a zip bomb that lies about its size': bookOf(
      Buffer.alloc(0),
      deflateRawSync(bomb.subarray(0, 300_000_000)),
      1000,
    ),
    'no XML': bookOf(Buffer.from('<worksheet><sheetData><row></sheet')),
    'an entity': bookOf(
      Buffer.from(
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>',
      ),
    ),
  }
  for (const [name, bytes] of Object.entries(refused)) {
    const answer = await upload(bytes)
    assertPage(answer, 400, name)
    assert.match(answer.text, /summary-wrong/, name)
  }
  for (const [name, bytes] of Object.entries({ 'other columns': xlsx })) {
    const answer = await upload(bytes)
    assert.ok([303, 400].includes(answer.status), `${name}: ${answer.status}`)
  }
  assertPage(await upload(Buffer.alloc(65 * 1024 ** 2, 0x61), 'a.csv'), 413, '65 MiB')
  assert.deepEqual(await employees(), before)
  assert.deepEqual(readdirSync(uploadFolder), [])
  const open = await rows(house.db, `select id from roster_import where state in ('reading', 'checked')`)
  const staged = await rows(
    house.db,
    "select import_id from roster_import_row join roster_import on id = import_id where state <> 'checked'",
  )
  assert.deepEqual(staged, [])
  assert.ok(open.length <= 1)
})

test('a million empty rows are read through, and formulas are refused with their cell', async () => {
  const empty = Array.from({ length: 1_000_000 }, (_, index) => `<row r="${index + 3}"/>`).join('')
  const formula = '<c t="str"><f>HYPERLINK("http://jahat.example")</f><v>Nama</v></c>'
  const cells = cellsOf('dinas2')
  cells[1] = formula
  const bytes = bookOf(sheetXml(rowXml(titles, 1) + rowXml(cells, 2) + empty))
  const answer = await upload(bytes)
  if (answer.status === 303) {
    const page = await request(house.app).get(answer.headers['location']!).set('Cookie', cookie)
    assertPage(page, 200, 'the preview')
    assert.match(page.text, /rumus/)
    assert.match(page.text, /NAMA/)
    const cancelled = await postForm(`${answer.headers['location']!}/batal`, '')
    assert.equal(cancelled.status, 303)
  } else assertPage(answer, 400, 'too many rows')
})

test('zero bytes and half characters in a spreadsheet become row errors, never a fault', async () => {
  const filler = `${'x'.repeat(200)}\n`.repeat(30)
  for (const column of titles) {
    const change = { [column]: 'ab\0cd' }
    const csv = `${filler.slice(0, 0)}${titles.join(';')}\n${cellsOf('dinas1').join(';')}\n${'#'.repeat(5000)}\n${cellsOf('dinas2', change).join(';')}\n`
    const answer = await upload(Buffer.from(csv), 'a.csv')
    assert.ok([303, 400].includes(answer.status), `${column}: ${answer.status}`)
    if (answer.status === 303)
      assertPage(await request(house.app).get(answer.headers['location']!).set('Cookie', cookie), 200, column)
    const surrogate = rowXml(cellsOf('dinas2', { [column]: 'ab&#xD83D;cd' }), 2)
    const second = await upload(bookOf(sheetXml(rowXml(titles, 1) + surrogate)))
    assert.ok([303, 400].includes(second.status), `${column} with half a character: ${second.status}`)
    const long = rowXml(cellsOf('dinas2', { [column]: '😀'.repeat(400) }), 2)
    const third = await upload(bookOf(sheetXml(rowXml(titles, 1) + long)))
    assert.ok([303, 400].includes(third.status), `${column} of emoji: ${third.status}`)
  }
  const header = `${'judul daftar '.repeat(500)}\n${titles.map((title) => (title === 'NAMA' ? 'NA\0MA' : title)).join(';')}\n${cellsOf('dinas2', { NAMA: '😀' }).join(';')}\n`
  const answer = await upload(Buffer.from(header), 'a.csv')
  assert.ok([303, 400].includes(answer.status), `a zero byte in a title: ${answer.status}`)
})

test('two presses on "simpan" import once', async () => {
  const answer = await upload(
    bookOf(sheetXml(rowXml(titles, 1) + rowXml(cellsOf('dinas3', { JABATAN: 'Analis Utama' }), 2))),
  )
  assert.equal(answer.status, 303)
  const path = answer.headers['location']!
  const pressed = await Promise.all(
    Array.from({ length: 4 }, () => postForm(`${path}/simpan`, 'confirmation=KELUAR')),
  )
  for (const one of pressed) assert.ok([303, 400, 409].includes(one.status), `${one.status}`)
  const confirmed = await rows(
    house.db,
    `select id from event where kind = 'roster_confirmed' and (detail->>'importId')::int = :id`,
    {
      id: Number(/\d+$/.exec(path)![0]),
    },
  )
  assert.ok(confirmed.length <= 1)
  await postForm(`${path}/batal`, '')
})

test('the campaign closes, and every link says so', async () => {
  await house.advance()
  await closeCampaign(house.house, campaign.id, house.admin())
  await changingNothing(async () => {
    for (const path of ['', '/naskah.pdf', '/data-keliru', '/belum-bersedia'])
      assertPage(await request(house.app).get(`/t/${house.token('dinas3')}${path}`), 410, path)
    for (const path of ['/tanda-tangan', '/data-keliru', '/belum-bersedia'])
      assertPage(await post(`/t/${house.token('dinas3')}${path}`), 410, path)
  })
})

test('after all this the house is in order', async () => {
  await house.advance()
  await house.check()
})

// --- names that mean something else to somebody ---

test('hostile names are refused at import with row and column, or stay mere text on every way out', async (t) => {
  if (!hasTool(t, 'python3') || !hasTool(t, 'pdftotext')) return
  const own = await openTestHouse(t)
  const names: Record<string, string> = {
    kadis: "=cmd|' /C calc'!A0",
    dinas1: '<script>alert(1)</script>',
    dinas2: '+62 Plus & "Kutip"',
    dinas3: '@Sum(1) -- ;drop table employee',
  }
  const people = own.people.map((one) => {
    const change = names[one.key]
    return change ? { ...one, name: change, titleSuffix: '', email: `${one.key}@rekaan.example` } : one
  })
  await own.importRoster(people)
  const refused = {
    bidang1: 'Emoji 😀 Rekaan',
    bidang2: 'A'.repeat(300),
    bidang3: '\u0645\u062d\u0645\u062f',
  }
  const checked = await own.checkRoster(
    people.map((one) => ({
      ...one,
      name:
        refused[one.key as keyof typeof refused] ?? (one.key === 'bidang4' ? 'Balik\u202eRekaan' : one.name),
    })),
  )
  const lines = checked.problems.shown.map((one) => `${one.severity} ${one.column} ${one.row} ${one.value}`)
  assert.equal(checked.problems.errors, 3, lines.join('\n'))
  for (const one of checked.problems.shown.filter((problem) => problem.severity === 'error'))
    assert.ok(one.row > 1 && one.column === 'NAMA', `${one.column} ${one.row}`)
  assert.ok(checked.problems.shown.some((one) => one.severity === 'warning' && one.value.includes('U+202E')))
  await own.db.raw(`update roster_import set state = 'cancelled' where state = 'checked'`)
  await own.db.raw('delete from roster_import_row')

  const held = await own.openCampaign({ units: ['DINKES'] })
  await own.advance()
  const mail = own.post.mailsTo('kadis@rekaan.example')[0]!
  assert.ok(mail.text.includes(names['kadis']!))
  assert.ok(!mail.html.includes('<script'))
  const sign = async (key: string, typedName: string) => {
    const consent = await own.consent(key)
    const answer = await request(own.app)
      .post(`/t/${own.token(key)}/tanda-tangan`)
      .set('Origin', ORIGIN)
      .type('form')
      .send({
        ...consent,
        mark: '',
        isSelf: 'on',
        hasRead: 'on',
        isBinding: 'on',
        method: 'typed',
        typedName,
      })
    assert.equal(answer.status, 303, `${key}: ${answer.status}`)
  }
  await sign('kadis', names['kadis']!)
  await own.advance()
  await own.witness()
  await own.advance()
  const scriptMail = own.post.mailsTo('dinas1@rekaan.example')[0]!
  assert.match(scriptMail.html, /&(lt|#60);script/)
  assert.ok(!/<script/i.test(scriptMail.html))
  for (const kept of own.post.mails)
    for (const header of kept.headers) assert.doesNotMatch(header.value, /[\r\n]/)
  await sign('dinas1', names['dinas1']!)
  await sign('dinas2', names['dinas2']!)
  await own.advance()
  const admin = await own.cookie(own.accounts.administrator)
  const get = (path: string) =>
    request(own.app)
      .get(path)
      .set('Cookie', admin)
      .buffer(true)
      .parse((response, done) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => done(null, Buffer.concat(chunks)))
      })
  const base = `/cakupan/${held.id}/0`
  for (const path of [
    `${base}/nama`,
    `/t/${own.token('dinas1')}`,
    `/pegawai/${held.id}/${await own.employeeId('dinas1')}`,
  ]) {
    const page = ((await get(path)).body as Buffer).toString()
    assert.doesNotMatch(page, /<script(?! src="\/aset\/)/i, path)
  }
  const id = await own.employeeId('dinas1')
  const pdf = (await get(`/pegawai/${held.id}/${id}/pakta.pdf`)).body as Buffer
  const text = execFileSync('pdftotext', ['-layout', '-', '-'], { input: pdf }).toString()
  assert.ok(text.includes('<script>alert(1)</script>'))
  const csv = readCsvByPython((await get(`${base}/nama.csv`)).body as Buffer)
  for (const line of csv.slice(1)) for (const cell of line) assert.doesNotMatch(cell, /^[=+@\t\r-]/, cell)
  assert.ok(csv.some((line) => line[1] === `'${names['kadis']}` || line[1]!.includes(names['kadis']!)))
  const xlsx = readXlsxByPython((await get(`${base}/nama.xlsx`)).body as Buffer)
  assert.ok(xlsx.flat().every((cell) => !cell.isFormula))
  assert.ok(xlsx.flat().some((cell) => cell.text.includes(names['kadis']!) && cell.format === '@'))
  own.now = new Date(own.now.getTime() + HOUR)
  await own.check()
})
