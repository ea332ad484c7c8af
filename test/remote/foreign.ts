import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

type Answer = (body: Buffer, response: ServerResponse) => void

/** A whole authority of somebody else, played by openssl: RSA-3072, SHA-384, an intermediate, OCSP and lists over HTTP. */
export interface ForeignAuthority {
  origin: string
  answers: Map<string, Answer>
  asked: string[] // paths, in order
  path(name: string): string
  openssl(...args: string[]): Buffer
  read(name: string): Buffer
  close(): void
}

/** Whom it has certified besides itself: name, key, extensions. */
interface Leaf {
  name: string
  subject: string
  key: 'RSA' | 'P-256'
  extensions: string
  days?: number
}

export async function openForeignAuthority(leaves: readonly Leaf[]): Promise<ForeignAuthority> {
  const folder = mkdtempSync(join(tmpdir(), 'pakta-foreign-'))
  const path = (name: string) => join(folder, name)
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const answers = new Map<string, Answer>()
  const asked: string[] = []
  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      asked.push(request.url!)
      const answer = answers.get(request.url!)
      if (answer) answer(Buffer.concat(chunks), response)
      else response.writeHead(404).end()
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  let serial = 0
  const issue = (leaf: Leaf, issuer: string) => {
    const { name } = leaf
    const kind = leaf.key === 'RSA' ? ['RSA', 'rsa_keygen_bits:3072'] : ['EC', 'ec_paramgen_curve:P-256']
    openssl('genpkey', '-algorithm', kind[0]!, '-pkeyopt', kind[1]!, '-out', `${name}.key`)
    writeFileSync(path(`${name}.ext`), leaf.extensions)
    openssl('req', '-new', '-utf8', '-key', `${name}.key`, '-subj', leaf.subject, '-out', `${name}.csr`)
    openssl(
      ...['x509', '-req', '-sha384', '-in', `${name}.csr`, '-extfile', `${name}.ext`, '-out', `${name}.crt`],
      ...['-set_serial', String(++serial), '-days', String(leaf.days ?? 4000)],
      ...(issuer === name ? ['-key', `${name}.key`] : ['-CA', `${issuer}.crt`, '-CAkey', `${issuer}.key`]),
    )
    return serial
  }
  const ca =
    'keyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n'
  const subjectOf = (name: string) => `/C=ID/O=Penerbit Lain/CN=Lain ${name}`
  const own = (name: string, extensions: string, days: number): Leaf => ({
    ...{ name, subject: subjectOf(name), key: 'RSA', extensions, days },
  })
  issue(own('root', `basicConstraints=critical,CA:true\n${ca.replace(/authority.*\n/, '')}`, 7300), 'root')
  const middle = `basicConstraints=critical,CA:true,pathlen:0\n${ca}crlDistributionPoints=URI:${origin}/root.crl`
  issue(own('mid', middle, 7000), 'root')
  const responder = 'keyUsage=critical,digitalSignature\nextendedKeyUsage=OCSPSigning\nnoCheck=yes'
  issue(own('ocsp', responder, 4000), 'mid')
  const places = `subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\nauthorityInfoAccess=OCSP;URI:${origin}/ocsp\ncrlDistributionPoints=URI:${origin}/mid.crl`
  const index = leaves.map((leaf) => {
    const number = issue({ ...leaf, extensions: `${leaf.extensions}\n${places}` }, 'mid')
    return `V\t361231000000Z\t\t${number.toString(16).padStart(2, '0').toUpperCase()}\tunknown\t${leaf.subject}\n`
  })
  writeFileSync(path('index.txt'), index.join(''))
  writeFileSync(path('none.txt'), '')
  writeFileSync(path('index.txt.attr'), 'unique_subject = no\n')
  for (const [name, database] of [
    ['mid', 'index.txt'],
    ['root', 'none.txt'],
  ] as const) {
    writeFileSync(path('number'), '01\n')
    writeFileSync(
      path('ca.cnf'),
      `[ca]\ndefault_ca=one\n[one]\ndatabase=${database}\nunique_subject=no\ndefault_md=sha384\ncrlnumber=number\n`,
    )
    openssl(
      ...[
        'ca',
        '-config',
        'ca.cnf',
        '-gencrl',
        '-crldays',
        '300',
        '-cert',
        `${name}.crt`,
        '-keyfile',
        `${name}.key`,
      ],
      ...['-out', `${name}.pem`],
    )
    openssl('crl', '-in', `${name}.pem`, '-outform', 'DER', '-out', `${name}.crl`)
  }
  const read = (name: string) => readFileSync(path(name))
  for (const name of ['root.crl', 'mid.crl'])
    answers.set(`/${name}`, (_, response) => void response.end(read(name)))
  answers.set('/ocsp', (query, response) => {
    writeFileSync(path('ocsp.req'), query)
    openssl(
      ...['ocsp', '-index', 'index.txt', '-CA', 'mid.crt', '-rsigner', 'ocsp.crt', '-rkey', 'ocsp.key'],
      ...['-reqin', 'ocsp.req', '-respout', 'ocsp.resp', '-ndays', '90'],
    )
    response.end(read('ocsp.resp'))
  })
  return {
    ...{ origin, answers, asked, path, openssl, read },
    close() {
      server.closeAllConnections()
      server.close()
      rmSync(folder, { recursive: true })
    },
  }
}
