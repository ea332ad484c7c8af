import { createHash, createPublicKey } from 'node:crypto'
import type pkcs11 from 'pkcs11js'
import { PactError } from '../domain/errors.js'
import type { SigningKey } from '../evidence/certificate.js'
import { encodeBits, encodeInteger, encodeOid, readOne, sequence, TAG } from '../evidence/der.js'

const P256 = encodeOid('1.2.840.10045.3.1.7')
const EC_PUBLIC_KEY = encodeOid('1.2.840.10045.2.1')
const COORDINATE_BYTES = 32

/** A hardware token behind its PKCS #11 module. */
export interface Token {
  open(label: string): SigningKey
  generate(label: string): SigningKey
  close(): void
}

/**
 * Opens the one token behind a PKCS #11 module. A session that ended (the token was pulled out, the network to it
 * broke) is opened again at the next signature; while that fails, whatever needs the key waits and is tried again.
 *
 * @param modulePath the vendor's shared library
 * @param tokenLabel which token, where the module shows several
 * @throws HSM_UNAVAILABLE, never repeating the PIN
 * @see PKCS #11 v2.40, sections 5.6 (sessions) and 2.3 (ECDSA)
 */
export async function openToken(at: {
  modulePath: string
  pin: string
  tokenLabel: string | undefined
}): Promise<Token> {
  const { modulePath, pin, tokenLabel } = at
  const refuse = (what: string, cause?: unknown) =>
    new PactError(
      'HSM_UNAVAILABLE',
      `Token PKCS#11: ${what}. Tidak ada yang hilang: yang menunggu tanda tangan dicoba lagi; periksa token, modul, dan PIN-nya.`,
      { cause },
    )
  // Not everybody has a token: the module that talks to one is compiled when it is installed, and may be missing.
  const ck: typeof pkcs11 = await import('pkcs11js').then(
    (loaded) => loaded.default,
    (cause: unknown) => {
      throw refuse('paket pkcs11js tidak terpasang; jalankan "npm install" dengan kompilator C++', cause)
    },
  )
  const module = new ck.PKCS11()
  const attempt = <T>(what: string, act: () => T): T => {
    try {
      return act()
    } catch (cause) {
      if (cause instanceof PactError) throw cause
      throw refuse(`${what} (${nameOf(cause)})`, cause)
    }
  }
  attempt('modul tidak dapat dimuat', () => module.load(modulePath))
  const isAlready = (cause: unknown) => nameOf(cause) === 'CKR_CRYPTOKI_ALREADY_INITIALIZED'
  attempt('tidak dapat dimulai', () => {
    try {
      module.C_Initialize()
    } catch (cause) {
      if (!isAlready(cause)) throw cause
    }
  })
  let session: Buffer | undefined
  const openSession = () =>
    attempt('sesi tidak dapat dibuka', () => {
      // An empty slot of some modules says that it has a token, too.
      const slots = module
        .C_GetSlotList(true)
        .map((slot) => ({ slot, ...module.C_GetTokenInfo(slot) }))
        .filter(({ flags }) => (flags & ck.CKF_TOKEN_INITIALIZED) !== 0)
      const found = slots.filter(({ label }) => tokenLabel === undefined || label.trim() === tokenLabel)
      if (found.length !== 1)
        throw refuse(
          tokenLabel === undefined
            ? `ada ${found.length} token; sebutkan satu dengan PAKTA_PKCS11_TOKEN`
            : `token "${tokenLabel}" ada ${found.length}`,
        )
      const opened = module.C_OpenSession(found[0]!.slot, ck.CKF_SERIAL_SESSION | ck.CKF_RW_SESSION)
      try {
        module.C_Login(opened, ck.CKU_USER, pin)
      } catch (cause) {
        if (nameOf(cause) !== 'CKR_USER_ALREADY_LOGGED_IN') throw cause
      }
      return opened
    })
  // Many modules forget a token for good once it was gone: only a new beginning finds it again.
  const restart = () => {
    session = undefined
    for (const act of [() => module.C_Finalize(), () => module.C_Initialize()])
      try {
        act()
      } catch {
        // whatever is wrong shows when the session is opened
      }
  }
  const find = (of: Buffer, label: string, kind: number) => {
    module.C_FindObjectsInit(of, [
      { type: ck.CKA_CLASS, value: kind },
      { type: ck.CKA_LABEL, value: label },
    ])
    try {
      return module.C_FindObjects(of)
    } finally {
      module.C_FindObjectsFinal(of)
    }
  }
  const require = (of: Buffer, label: string, kind: number) => {
    const found = find(of, label, kind)
    if (!found) throw refuse(`kunci "${label}" tidak ada di token`)
    return found
  }
  const sign = (label: string, digest: Buffer): Buffer => {
    const once = () => {
      session ??= openSession()
      module.C_SignInit(session, { mechanism: ck.CKM_ECDSA }, require(session, label, ck.CKO_PRIVATE_KEY))
      return module.C_Sign(session, digest, Buffer.alloc(2 * COORDINATE_BYTES))
    }
    try {
      return once()
    } catch {
      restart()
      return once()
    }
  }
  const hold = (label: string): SigningKey => {
    session ??= openSession()
    const handle = attempt('kunci publik tidak terbaca', () => require(session!, label, ck.CKO_PUBLIC_KEY))
    const [point] = attempt('kunci publik tidak terbaca', () =>
      module.C_GetAttributeValue(session!, handle, [{ type: ck.CKA_EC_POINT }]),
    )
    return {
      publicKey: toPublicKey(point!.value as Buffer),
      algorithm: 'ecdsa-sha256',
      sign: (bytes) =>
        attempt('tidak dapat menandatangani', () =>
          encodeSignature(sign(label, createHash('sha256').update(bytes).digest())),
        ),
    }
  }
  return {
    open: hold,
    generate(label) {
      session ??= openSession()
      if (find(session, label, ck.CKO_PRIVATE_KEY))
        throw new PactError('BAD_KEY', `Token PKCS#11 sudah memuat kunci "${label}"`)
      const named = [
        { type: ck.CKA_TOKEN, value: true },
        { type: ck.CKA_LABEL, value: label },
      ]
      attempt('kunci tidak dapat dibuat', () =>
        module.C_GenerateKeyPair(
          session!,
          { mechanism: ck.CKM_EC_KEY_PAIR_GEN },
          [
            ...named,
            { type: ck.CKA_VERIFY, value: true },
            { type: ck.CKA_EC_PARAMS, value: Buffer.from(P256) },
          ],
          [
            ...named,
            { type: ck.CKA_PRIVATE, value: true },
            { type: ck.CKA_SENSITIVE, value: true },
            { type: ck.CKA_EXTRACTABLE, value: false },
            { type: ck.CKA_SIGN, value: true },
          ],
        ),
      )
      return hold(label)
    },
    close() {
      session = undefined
      module.C_Finalize()
      module.close()
    },
  }
}

// The module's own word for what went wrong: CKR_DEVICE_REMOVED.
function nameOf(cause: unknown): string {
  return /CKR_[A-Z_]+/.exec(String((cause as Error).message))?.[0] ?? 'sebab tidak dikenal'
}

/** An EC point as a token gives it: an OCTET STRING around 04 || x || y. */
function toPublicKey(point: Buffer) {
  const bare = readOne(point, TAG.octetString).content
  const info = sequence(sequence(EC_PUBLIC_KEY, P256), encodeBits(bare))
  return createPublicKey({ key: Buffer.from(info), format: 'der', type: 'spki' })
}

/** r || s of a token as DER. @see RFC 3279 section 2.2.3 */
const encodeSignature = (raw: Buffer) =>
  Buffer.from(
    sequence(encodeInteger(raw.subarray(0, COORDINATE_BYTES)), encodeInteger(raw.subarray(COORDINATE_BYTES))),
  )
