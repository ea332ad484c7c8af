import { join, resolve } from 'node:path'
import { PactError } from './domain/errors.js'

/** What the service can be told from outside; each field names its environment variable. */
export interface Config {
  /** PORT: TCP port to listen on, 0 to 65535 (0: any free one). Default 8080. */
  port: number
  /** HOST: address to listen on. Default 127.0.0.1: put a TLS proxy in front of it. */
  host: string
  /** PAKTA_BASE_URL: the address people see, without a slash at the end. Default http://HOST:PORT. */
  baseUrl: string
  /** PAKTA_TRUST_PROXY: how many proxies stand in front, whose X-Forwarded-For is believed. Default 0. */
  proxyCount: number
  /** DATABASE_URL: postgres:// address. Secret. Without it the embedded PostgreSQL in PAKTA_DATA is used. */
  databaseUrl: string | undefined
  /** PAKTA_DATA: folder for files, keys and the embedded database. Default ./data. */
  dataFolder: string
  /** PAKTA_KEYS: folder of the keys. Default PAKTA_DATA/keys. */
  keysFolder: string
  /** PAKTA_KEYS_PASSPHRASE: opens the private keys. Secret. */
  keysPassphrase: string | undefined
  /** PAKTA_SEAL_PKCS12: a PKCS#12 file with the seal's own key and certificate, instead of the made one. */
  sealPkcs12: { path: string; passphrase: string } | undefined
  /**
   * PAKTA_PKCS11_MODULE, PAKTA_PKCS11_PIN (secret), PAKTA_PKCS11_TOKEN: the vendor's library of a hardware token, what
   * opens it, and the token's label where there are several. Keys made with `keys rotate NAME --pkcs11` live there.
   */
  pkcs11: { modulePath: string; pin: string; tokenLabel: string | undefined } | undefined
  /**
   * PAKTA_TSA_URLS, PAKTA_TSA_ROOTS, PAKTA_TSA_TIMEOUT: timestamp authorities of others (RFC 3161), asked in order, apart
   * by spaces; a PEM file with the roots that they are trusted under; seconds that one may take, 1 to 60, default 10.
   */
  tsa: { addresses: string[]; rootsPath: string; timeoutSeconds: number } | undefined
  /** PAKTA_PERSON_ROOTS: a PEM file with the roots of persons' own certificates (PKCS #12) that are accepted. */
  personRootsPath: string | undefined
  /** PAKTA_SMTP_URL: smtp:// or smtps:// address with user and password. Secret. Without it mails wait. */
  smtpUrl: string | undefined
  /** PAKTA_MAIL_FROM: sender, "Pakta <pakta@kota.go.id>". Needed with PAKTA_SMTP_URL. */
  mailFrom: string
  /** PAKTA_MAIL_PER_DOMAIN: mails a minute to one domain, 1 to 100000. Default 60. */
  mailPerDomainPerMinute: number
  /** PAKTA_MAIL_LEASE: seconds after which a mail of unknown fate is sent again, 2 to 3600. Default 180. */
  mailLeaseSeconds: number
  /** PAKTA_LINK_DAYS: life of a personal link in days, 1 to 90. Default 14. */
  linkDays: number
  /** PAKTA_SIGNIN_MINUTES: life of a sign-in link, 5 to 1440. Default 30. */
  signinMinutes: number
  /** PAKTA_SESSION_HOURS: life of a sign-in, 1 to 720. Default 12. */
  sessionHours: number
}

/**
 * Reads the configuration, all of it at once.
 *
 * @throws BAD_CONFIG listing every variable that is wrong, with its value (never a secret's) and what is expected
 */
export function readConfig(env: Record<string, string | undefined>, folder: string): Config {
  const problems: string[] = []
  const text = (name: string) => env[name]?.trim() || undefined
  const number = (name: string, { min, max, preset }: { min: number; max: number; preset: number }) => {
    const value = text(name)
    if (value === undefined) return preset
    if (/^\d+$/.test(value) && Number(value) >= min && Number(value) <= max) return Number(value)
    problems.push(`${name} berisi "${value}"; seharusnya bilangan bulat ${min} sampai ${max}`)
    return preset
  }
  const address = (name: string, protocols: string[], isSecret: boolean) => {
    const value = text(name)
    if (value === undefined) return undefined
    const expected = `seharusnya alamat yang berawalan ${protocols.map((one) => `${one}//`).join(' atau ')}`
    if (URL.canParse(value) && protocols.includes(new URL(value).protocol)) return value
    problems.push(
      `${name} berisi ${isSecret ? 'nilai yang tidak dapat dipakai (rahasia, tidak ditampilkan)' : `"${value}"`}; ${expected}`,
    )
    return undefined
  }
  const port = number('PORT', { min: 0, max: 65535, preset: 8080 })
  const host = text('HOST') ?? '127.0.0.1'
  const dataFolder = resolve(folder, text('PAKTA_DATA') ?? 'data')
  const smtpUrl = address('PAKTA_SMTP_URL', ['smtp:', 'smtps:'], true)
  const mailFrom = text('PAKTA_MAIL_FROM')
  if (smtpUrl && !mailFrom?.includes('@'))
    problems.push(
      `PAKTA_MAIL_FROM berisi "${mailFrom ?? ''}"; seharusnya pengirim, misalnya "Pakta <pakta@kota.go.id>"`,
    )
  const pkcs12 = text('PAKTA_SEAL_PKCS12')
  const pkcs11 = text('PAKTA_PKCS11_MODULE')
  const personRoots = text('PAKTA_PERSON_ROOTS')
  const tsaAddresses = (text('PAKTA_TSA_URLS') ?? '').split(/\s+/).filter(Boolean)
  const tsaRoots = text('PAKTA_TSA_ROOTS')
  const tsaTimeout = number('PAKTA_TSA_TIMEOUT', { min: 1, max: 60, preset: 10 })
  if (!tsaAddresses.every((one) => URL.canParse(one) && /^https?:$/.test(new URL(one).protocol)))
    problems.push(
      `PAKTA_TSA_URLS berisi "${tsaAddresses.join(' ')}"; seharusnya alamat yang berawalan http:// atau https://, dipisahkan spasi`,
    )
  if (tsaAddresses.length > 0 && !tsaRoots)
    problems.push('PAKTA_TSA_ROOTS kosong; seharusnya berkas PEM berisi akar para penerbit stempel waktu itu')
  const config: Config = {
    port,
    host,
    baseUrl: (address('PAKTA_BASE_URL', ['http:', 'https:'], false) ?? `http://${host}:${port}`).replace(
      /\/+$/,
      '',
    ),
    proxyCount: number('PAKTA_TRUST_PROXY', { min: 0, max: 10, preset: 0 }),
    databaseUrl: address('DATABASE_URL', ['postgres:', 'postgresql:'], true),
    dataFolder,
    keysFolder: resolve(folder, text('PAKTA_KEYS') ?? join(dataFolder, 'keys')),
    keysPassphrase: env.PAKTA_KEYS_PASSPHRASE || undefined,
    sealPkcs12: pkcs12
      ? { path: resolve(folder, pkcs12), passphrase: env.PAKTA_SEAL_PKCS12_PASSPHRASE ?? '' }
      : undefined,
    tsa:
      tsaAddresses.length > 0 && tsaRoots
        ? {
            addresses: tsaAddresses,
            rootsPath: resolve(folder, tsaRoots),
            timeoutSeconds: tsaTimeout,
          }
        : undefined,
    personRootsPath: personRoots && resolve(folder, personRoots),
    pkcs11: pkcs11
      ? {
          modulePath: resolve(folder, pkcs11),
          pin: env.PAKTA_PKCS11_PIN ?? '',
          tokenLabel: text('PAKTA_PKCS11_TOKEN'),
        }
      : undefined,
    smtpUrl,
    mailFrom: mailFrom ?? 'Pakta <pakta@localhost>',
    mailPerDomainPerMinute: number('PAKTA_MAIL_PER_DOMAIN', { min: 1, max: 100_000, preset: 60 }),
    mailLeaseSeconds: number('PAKTA_MAIL_LEASE', { min: 2, max: 3600, preset: 180 }),
    linkDays: number('PAKTA_LINK_DAYS', { min: 1, max: 90, preset: 14 }),
    signinMinutes: number('PAKTA_SIGNIN_MINUTES', { min: 5, max: 1440, preset: 30 }),
    sessionHours: number('PAKTA_SESSION_HOURS', { min: 1, max: 720, preset: 12 }),
  }
  if (problems.length > 0) throw new PactError('BAD_CONFIG', problems.join('\n'))
  return config
}
