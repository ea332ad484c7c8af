import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import busboy from 'busboy'
import { parseCookie, stringifySetCookie } from 'cookie'
import express, { type NextFunction, type Request, type Response } from 'express'
import { rateLimit } from 'express-rate-limit'
import helmet from 'helmet'
import type { Account } from '../domain/account.js'
import { PactError, type PactErrorCode } from '../domain/errors.js'
import type { House } from '../flow/house.js'
import { whoIs } from '../flow/signin.js'
import { findPemdas } from '../store/pemdas.js'
import { emblemPathOf, type Reply, type Route, type Upload, type Visit } from './desk/desk.js'
import type { Frame } from './layout.js'
import { renderPage } from './layout.js'
import { ErrorPage, FaultPage, ForbiddenPage, NotFoundPage, TooManyPage } from './public.js'
import { paths } from './paths.js'
import { routes } from './routes.js'

/** HTTP status of every refusal; a new code does not compile without one. */
const statusOf: Record<PactErrorCode, number> = {
  BAD_FORM: 400,
  BAD_FILE: 400,
  FILE_TOO_LARGE: 413,
  BAD_SPREADSHEET: 400,
  BAD_ROSTER: 400,
  BAD_TEMPLATE: 500,
  BAD_CHARACTER: 400,
  BAD_PDF: 400,
  BAD_KEY: 500,
  TSA_UNAVAILABLE: 503,
  BAD_CONFIG: 500,
  BAD_LINK: 404,
  NOT_SIGNED_IN: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  TOO_MANY_REQUESTS: 429,
  LINK_EXPIRED: 410,
  LINK_REPLACED: 410,
  LINK_USED: 409,
  BAD_CODE: 400,
  OWN_KEY_REQUIRED: 409,
  WAITING_HEAD: 409,
  CAMPAIGN_CLOSED: 409,
  STALE: 409,
  PLACEHOLDER_TOO_SMALL: 500,
  MAIL_FAILED: 502,
  HSM_UNAVAILABLE: 503,
  STATUS_UNAVAILABLE: 503,
  DATABASE_UNAVAILABLE: 503,
}

const FORM_BYTES_MAX = 160_000
const FIELDS_MAX = 4_000
const COOKIE_NAME = 'pakta'
const LIMIT_MINUTES = 10
/**
 * Look-ups of links and codes that led nowhere, from one address, before the next such answer is "wait". A link
 * or code that exists is never refused for it: a whole office shares one address.
 */
const MISSES_MAX = 60
const SIGNINS_MAX = 60
const UPLOADS_MAX = 60
/** A whole hall stands behind one address, too. */
const ENTRANCES_MAX = 5000
/** Screens that follow at once; a hall has a few. */
const STREAMS_MAX = 100
const STREAM_LOOK_MILLISECONDS = 500
const STREAM_SILENCE_MILLISECONDS = 15_000

export interface ServerSettings {
  assets: { folder: string; scripts: string; version: string }
  uploadFolder: string
  proxyCount: number
  onChange?: () => void // told after every POST that was accepted
}

/**
 * The whole web service as an Express application.
 *
 * Order: security headers, static files, who is asking, cross-origin refusal, then the one route table, then
 * errors. A route runs only after its `who` has been checked here, in one place.
 */
export function makeServer(house: House, settings: ServerSettings, clock: () => Date): express.Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', settings.proxyCount)
  app.set('query parser', 'simple')
  // Whatever a crash left of somebody's upload goes now: uploads are read and forgotten.
  rmSync(settings.uploadFolder, { recursive: true, force: true })
  mkdirSync(settings.uploadFolder, { recursive: true, mode: 0o700 })
  const isSecure = house.settings.baseUrl.startsWith('https:')
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          styleSrc: ["'self'"],
          scriptSrc: ["'self'"],
          imgSrc: ["'self'", 'data:'],
          connectSrc: ["'self'"],
          formAction: ["'self'"],
          baseUri: ["'none'"],
          frameSrc: ["'self'"],
          frameAncestors: ["'none'"],
        },
      },
      // Not "no-referrer": browsers would then send "Origin: null" with our own forms, which we refuse.
      referrerPolicy: { policy: 'same-origin' },
      strictTransportSecurity: isSecure,
      crossOriginResourcePolicy: { policy: 'same-origin' },
    }),
  )
  // What a browser is told to run, and what /tentang publishes: the page's script is these bytes and no others.
  const scripts = Object.fromEntries(
    readdirSync(settings.assets.scripts).map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(settings.assets.scripts, name)))
        .digest('hex'),
    ]),
  )
  const staticOptions = { immutable: true, maxAge: '365d', index: false, redirect: false }
  app.use('/aset', express.static(settings.assets.folder, staticOptions))
  app.use('/aset', express.static(settings.assets.scripts, staticOptions))
  app.use((_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store')
    next()
  })
  app.get('/sehat', (_request, response) => {
    response.type('text/plain').send('ok')
  })
  app.use(refuseForeignPosts(new URL(house.settings.baseUrl).host))
  const limit = (count: number) =>
    rateLimit({
      windowMs: LIMIT_MINUTES * 60_000,
      limit: count,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      handler: (_request, _response, next) => next(new TooMany()),
    })
  const limits = {
    misses: limit(MISSES_MAX),
    signin: limit(SIGNINS_MAX),
    upload: limit(UPLOADS_MAX),
    entrance: limit(ENTRANCES_MAX),
  }
  // Counted after the answer is known, so that many good visits at the same moment are never in each other's way.
  let streams = 0
  const countMiss = (request: Request, response: Response) =>
    new Promise<void>((count, refuse) => {
      void limits.misses(request, response, (refusal?: unknown) => (refusal ? refuse(refusal) : count()))
    })
  for (const route of routes) {
    if (route.isDemoOnly && !house.settings.isDemo) continue
    const before = route.limit ? [limits[route.limit]] : []
    app[route.method](route.path, ...before, async (request, response) => {
      const visit = await receive(request)
      // Before the answer leaves: whoever reads it may rely on nothing of theirs lying here any more.
      const reply = await route.handle(visit).finally(async () => {
        for (const upload of visit.uploads) await rm(upload.path, { force: true })
      })
      if ('page' in reply && reply.isMiss) await countMiss(request, response)
      send(response, reply)
      if (route.method === 'post' && !route.bodyBytesMax) settings.onChange?.()

      async function receive(request: Request): Promise<Visit> {
        const sessionSecret = parseCookie(request.headers.cookie ?? '')[COOKIE_NAME]
        const now = clock()
        const account = await whoIs(house, sessionSecret, now)
        const pemdas = await findPemdas(house.db)
        const pemda = account ? pemdas.find((one) => one.id === account.pemdaId) : pemdas[0]
        const frame: Frame = {
          pemdaName: pemda?.governmentName ?? house.settings.systemName,
          emblemPath: emblemPathOf(pemda),
          demo: house.settings.isDemo,
          ...{ assetVersion: settings.assets.version, scripts },
          account: account && { name: account.name, role: account.role },
        }
        response.locals.frame = frame
        // Before the body is read: nobody fills our disk without the right to.
        checkWho(route, account)
        const body = route.bodyBytesMax ? await readBody(request, route.bodyBytesMax) : new Uint8Array()
        const { form, uploads } =
          route.method === 'post' && !route.bodyBytesMax
            ? await readForm(request, route, settings.uploadFolder)
            : { form: new URLSearchParams(), uploads: [] }
        const param = (name: string) => [request.params[name] ?? ''].flat().join('/')
        return {
          house,
          act: { now, origin: { address: request.ip ?? '', userAgent: request.headers['user-agent'] ?? '' } },
          frame,
          account,
          sessionSecret,
          pemda,
          param,
          numberParam(name) {
            const text = param(name)
            if (!/^\d{1,9}$/.test(text)) throw new PactError('NOT_FOUND', 'Halaman ini tidak ada.')
            return Number(text)
          },
          query: new URLSearchParams(request.url.replace(/^[^?]*/, '')),
          body,
          form,
          uploads,
          wantsStream: (request.headers.accept ?? '').includes('text/event-stream'),
        }
      }
    })
  }
  app.use((_request, _response, next) => next(new PactError('NOT_FOUND', 'Halaman ini tidak ada.')))
  app.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) return next(error)
    answerError(error, request, response)
  })
  return app

  function send(response: Response, reply: Reply): void {
    if ('page' in reply)
      response
        .status(reply.status ?? 200)
        .type('html')
        .send(renderPage(reply.page))
    else if ('redirect' in reply) {
      if (reply.cookie)
        response.append(
          'Set-Cookie',
          stringifySetCookie({
            name: COOKIE_NAME,
            value: reply.cookie.secret ?? '',
            httpOnly: true,
            sameSite: 'lax',
            secure: isSecure,
            path: '/',
            maxAge: reply.cookie.secret ? house.settings.sessionHours * 3600 : 0,
          }),
        )
      response.redirect(303, reply.redirect)
    } else if ('file' in reply) {
      if (reply.isFramed)
        response.set(
          'Content-Security-Policy',
          "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'",
        )
      const disposition = `${reply.inline ? 'inline' : 'attachment'}; filename="${reply.name.replace(/[^\w.-]+/g, '-')}"`
      response
        .status(200)
        .set('Content-Disposition', disposition)
        .type(reply.type)
        .send(Buffer.from(reply.file))
    } else if ('follow' in reply) void follow(response, reply.follow)
    else if ('text' in reply) response.type(reply.type).send(reply.text)
    else response.status(204).end()
  }

  /**
   * Server-sent events: what `ask` answers, whenever it answers something else, for as long as somebody listens.
   * When the service stops the stream breaks off, and the listener comes back.
   *
   * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
   */
  async function follow(response: Response, ask: (now: Date) => Promise<string>): Promise<void> {
    if (streams >= STREAMS_MAX) return void response.status(503).set('Retry-After', '30').end()
    streams++
    const closed = new Promise<void>((done) => response.once('close', done))
    let isOpen = true
    void closed.then(() => {
      isOpen = false
      streams--
    })
    // A proxy that gathers what it passes on would hold everything back.
    response.set({ 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' }).flushHeaders()
    let last = ''
    let spokenAt = 0
    while (isOpen) {
      const now = clock()
      const said = await ask(now).catch((error: unknown) => {
        house.log(`stream: ${(error as Error).message}`)
        return undefined
      })
      if (said === undefined) break
      const isSilent = now.getTime() - spokenAt >= STREAM_SILENCE_MILLISECONDS
      if (said !== last) response.write(`data: ${said}\n\n`)
      else if (isSilent) response.write('event: hidup\ndata: 1\n\n')
      if (said !== last || isSilent) spokenAt = now.getTime()
      last = said
      await Promise.race([closed, new Promise((rest) => setTimeout(rest, STREAM_LOOK_MILLISECONDS))])
    }
    response.end()
  }

  function frameOf(response: Response): Frame {
    return (
      (response.locals.frame as Frame | undefined) ?? {
        pemdaName: house.settings.systemName,
        emblemPath: undefined,
        demo: house.settings.isDemo,
        ...{ assetVersion: settings.assets.version, scripts },
        account: undefined,
      }
    )
  }

  function answerError(error: unknown, request: Request, response: Response): void {
    const frame = frameOf(response)
    const refusal = toRefusal(error)
    if (!refusal) {
      const reference = randomUUID().slice(0, 8)
      house.log(
        `${reference} ${request.method} ${routeOf(request)}: ${(error as Error).stack ?? String(error)}`,
      )
      return send(response, { page: FaultPage({ frame, reference }), status: 500 })
    }
    const status = statusOf[refusal.code]
    if (refusal instanceof TooMany)
      return send(response, { page: TooManyPage({ frame, retryAfterSeconds: LIMIT_MINUTES * 60 }), status })
    if (status >= 500) house.log(`${request.method} ${routeOf(request)}: ${refusal.code} ${refusal.message}`)
    if (refusal.code === 'NOT_SIGNED_IN' && request.method === 'GET')
      return response.redirect(303, paths.signIn)
    if (refusal.code === 'NOT_FOUND') return send(response, { page: NotFoundPage({ frame }), status })
    if (refusal.code === 'FORBIDDEN') return send(response, { page: ForbiddenPage({ frame }), status })
    send(response, {
      status,
      page: ErrorPage({
        frame,
        title: status === 413 ? 'Kiriman terlalu besar' : 'Permintaan belum dapat dipenuhi',
        happened: refusal.message,
        safe: 'Tidak ada data yang berubah.',
        next: 'Kembali ke halaman sebelumnya, perbaiki, lalu coba lagi.',
      }),
    })
  }
}

/** One address asked too often. */
class TooMany extends PactError {
  constructor() {
    super('TOO_MANY_REQUESTS', 'Terlalu banyak permintaan dari alamat ini.')
  }
}

function checkWho(route: Route, account: Account | undefined): void {
  if (route.who === 'anyone' || route.who === 'link') return
  if (!account) throw new PactError('NOT_SIGNED_IN', 'Silakan masuk terlebih dahulu.')
  if (!route.who.includes(account.role))
    throw new PactError('FORBIDDEN', 'Peran Anda tidak berhak membuka halaman ini.')
}

// The route's pattern, never the address itself: a link or a code must not reach a log.
const routeOf = (request: Request) => (request.route as { path?: string } | undefined)?.path ?? '(no route)'

// Express's own refusals (a body too large, a malformed path) are answers, not faults.
function toRefusal(error: unknown): PactError | undefined {
  if (error instanceof PactError) return error
  const status = (error as { status?: unknown }).status
  if (status === 413) return new PactError('FILE_TOO_LARGE', 'Isian terlalu besar.', { cause: error })
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new PactError('BAD_FORM', 'Permintaan tidak dapat dibaca.', { cause: error })
  return undefined
}

// Routes that take a machine's bytes: their addresses up to the first parameter.
const machineRoutes = routes.filter((route) => route.bodyBytesMax).map(({ path }) => path.replace(/:.*/, ''))

async function readBody(request: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > bytesMax) throw new PactError('FILE_TOO_LARGE', `Kiriman lebih dari ${bytesMax} byte`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/**
 * Refuses a POST that another site's page sent. Browsers say where a POST comes from; one that says nothing at
 * all is not a browser we serve.
 *
 * @see https://html.spec.whatwg.org/ (Origin), W3C Fetch Metadata
 */
function refuseForeignPosts(host: string) {
  return (request: Request, _response: Response, next: NextFunction) => {
    if (request.method === 'GET' || request.method === 'HEAD') return next()
    if (machineRoutes.some((path) => request.path.startsWith(path))) return next()
    const { origin } = request.headers
    const site = request.headers['sec-fetch-site']
    const isOurs =
      origin !== undefined
        ? URL.canParse(origin) &&
          (new URL(origin).host === host || new URL(origin).host === request.headers.host)
        : site === 'same-origin'
    next(isOurs ? undefined : new PactError('FORBIDDEN', 'Kiriman dari situs lain ditolak.'))
  }
}

/**
 * Fields and files of a POST, within bounds. Files land in `folder` under a name of ours.
 *
 * A body that breaks a bound is refused at once; the rest of it runs into nothing, for a browser reads an answer
 * only when it has sent everything. The server's request timeout bounds that too.
 */
async function readForm(
  request: IncomingMessage,
  route: Route,
  folder: string,
): Promise<{ form: URLSearchParams; uploads: Upload[] }> {
  const type = request.headers['content-type'] ?? ''
  const form = new URLSearchParams()
  const uploads: Upload[] = []
  const bytesMax = FORM_BYTES_MAX + (route.uploadBytesMax ?? 0) * (route.uploadsMax ?? 1)
  const tooLong = () => new PactError('FILE_TOO_LARGE', 'Isian terlalu besar.')
  const tooLarge = () =>
    route.uploadBytesMax
      ? new PactError(
          'FILE_TOO_LARGE',
          `Berkas melebihi ${route.uploadBytesMax >= 1_000_000 ? `${Math.floor(route.uploadBytesMax / 1_000_000)} MB` : `${route.uploadBytesMax / 1000} KB`}.`,
        )
      : tooLong()
  const isForm = /^(multipart\/form-data|application\/x-www-form-urlencoded)\b/i.test(type)
  if (!isForm || Number(request.headers['content-length'] ?? 0) > bytesMax) {
    request.resume()
    if (isForm) throw tooLarge()
    return { form, uploads }
  }
  const writes: Promise<void>[] = []
  const closed: Promise<void>[] = []
  let receivedBytes = 0
  let isStopped = false
  try {
    await new Promise<void>((done, refuse) => {
      const parser = busboy({
        headers: request.headers,
        defParamCharset: 'utf8',
        limits: {
          fieldSize: FORM_BYTES_MAX,
          fields: FIELDS_MAX,
          parts: FIELDS_MAX,
          files: route.uploadBytesMax ? (route.uploadsMax ?? 1) : 0,
          fileSize: route.uploadBytesMax ?? 0,
        },
      })
      const stop = (error: unknown) => {
        isStopped = true
        request.unpipe(parser)
        request.resume()
        // Not at once: busboy may be in the middle of the chunk that made it call us.
        setImmediate(() => parser.destroy())
        refuse(error)
      }
      request.on('data', (chunk: Buffer) => {
        receivedBytes += chunk.length
        if (receivedBytes > bytesMax) stop(tooLarge())
      })
      parser.on('field', (name: string | undefined, value, info) => {
        if (info.valueTruncated || info.nameTruncated) stop(tooLong())
        // No keyboard types U+0000, and PostgreSQL stores no text that has one.
        else if (`${name}${value}`.includes('\0'))
          stop(new PactError('BAD_FORM', 'Isian memuat karakter kosong (U+0000). Ketik ulang isinya.'))
        else if (name !== undefined) form.append(name, value)
      })
      parser.on('file', (field, stream, info) => {
        if (isStopped) return void stream.resume()
        stream.on('limit', () => stop(tooLarge()))
        const path = join(folder, `${randomUUID()}.upload`)
        uploads.push({ field, fileName: (info.filename ?? '').replaceAll('\0', ''), path, sizeBytes: 0 })
        const file = createWriteStream(path, { mode: 0o600 })
        // A pipeline that fails does not wait for a file that is still being opened.
        closed.push(new Promise<void>((done) => file.once('close', done)))
        const write = pipeline(stream, file)
        writes.push(write)
        write.catch(stop)
      })
      if (route.uploadBytesMax)
        parser.on('filesLimit', () =>
          stop(new PactError('BAD_FORM', `Kirim ${route.uploadsMax ?? 1} berkas saja.`)),
        )
      parser.on('fieldsLimit', () => stop(tooLong()))
      parser.on('partsLimit', () => stop(tooLong()))
      parser.on('error', stop)
      parser.on('close', done)
      request.on('error', stop)
      request.on('close', () => {
        if (!request.complete) stop(new Error('the connection ended before the body did'))
      })
      request.pipe(parser)
    })
    await Promise.all(writes)
    for (const upload of uploads) upload.sizeBytes = (await stat(upload.path)).size
    return { form, uploads }
  } catch (error) {
    await Promise.allSettled(writes)
    await Promise.all(closed)
    for (const upload of uploads) await rm(upload.path, { force: true })
    if (error instanceof PactError) throw error
    throw new PactError('BAD_FORM', 'Kiriman terputus atau tidak dapat dibaca. Silakan kirim ulang.', {
      cause: error,
    })
  }
}
