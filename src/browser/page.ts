// The signing page without this script is whole: name typed, one button. The script adds the drawn signature,
// keeps a second tap from sending twice, asks before a drawing is lost, and signs with a key of the device's own.
import SignaturePad, { type PointGroup } from 'signature_pad'
import { DRAWING_HEIGHT, DRAWING_WIDTH } from '../domain/pact.js'
import {
  fromBase64,
  join,
  makeKey,
  type OwnCertificate,
  prove,
  publicKeyInfo,
  Refusal,
  signOffer,
  toBase64,
} from './own-key.js'

// The server's limits are 80 strokes and 4,000 points in all (domain/pact.ts parseStrokes).
const STROKE_LIMIT = 80
const POINT_LIMIT = 4_000

type OpenOwn = (bytes: Uint8Array, passphrase: string) => Promise<OwnCertificate>

/** @param openOwn reads a person's own certificate from a file, where the page offers that */
export function enhancePage(openOwn?: OpenOwn): void {
  const form = document.getElementById('sign') as HTMLFormElement | null
  const canvas = document.getElementById('strokes') as HTMLCanvasElement | null
  if (form) enhance(form, { drawing: canvas ? draw(form, canvas) : undefined, openOwn })
}

/** The drawn signature. */
function draw(form: HTMLFormElement, canvas: HTMLCanvasElement) {
  const field = form.elements.namedItem('strokes') as HTMLInputElement
  const methods = form.elements.namedItem('method') as RadioNodeList
  const show = (id: string, shown: boolean) => (document.getElementById(id)!.hidden = !shown)
  // No velocity, no varying width: how a hand moves is not ours to keep.
  const pad = new SignaturePad(canvas, { minWidth: 1.6, maxWidth: 1.6, minDistance: 3, penColor: '#17262a' })

  /** Strokes in the box of the server, without times or pressure; long strokes lose every other point. */
  function read(): number[][] {
    const scale = DRAWING_WIDTH / canvas.clientWidth
    const fit = (value: number, limit: number) => Math.min(limit, Math.max(0, Math.round(value * scale)))
    let strokes = pad
      .toData()
      .slice(0, STROKE_LIMIT)
      .map((group) => group.points.flatMap(({ x, y }) => [fit(x, DRAWING_WIDTH), fit(y, DRAWING_HEIGHT)]))
    while (strokes.reduce((sum, stroke) => sum + stroke.length, 0) > POINT_LIMIT * 2)
      strokes = strokes.map((stroke) => stroke.filter((_, at) => at % 4 < 2))
    return strokes
  }

  function redraw(strokes: number[][]) {
    const scale = canvas.clientWidth / DRAWING_WIDTH
    const groups = strokes.map((stroke) => ({
      ...{ penColor: pad.penColor, minWidth: pad.minWidth, maxWidth: pad.maxWidth, dotSize: 2 },
      ...{ velocityFilterWeight: pad.velocityFilterWeight, compositeOperation: pad.compositeOperation },
      points: pairs(stroke).map(([x, y]) => ({ x: x * scale, y: y * scale, time: 0, pressure: 0.5 })),
    })) satisfies PointGroup[]
    pad.fromData(groups)
  }

  /** The canvas has as many dots as the screen; called again when the phone is turned. */
  function size() {
    if (canvas.clientWidth === 0) return
    const ratio = Math.max(devicePixelRatio, 1)
    canvas.width = canvas.clientWidth * ratio
    canvas.height = canvas.clientHeight * ratio
    canvas.getContext('2d')!.scale(ratio, ratio)
    redraw(field.value ? (JSON.parse(field.value) as number[][]) : [])
  }

  function keep() {
    field.value = pad.isEmpty() ? '' : JSON.stringify(read())
  }

  function choose() {
    const drawn = methods.value === 'drawn'
    show('typed', !drawn)
    show('drawing', drawn)
    if (drawn) size()
  }

  show('methods', true)
  form.addEventListener('change', choose)
  pad.addEventListener('endStroke', keep)
  document.getElementById('drawing-undo')!.addEventListener('click', () => {
    pad.fromData(pad.toData().slice(0, -1))
    keep()
  })
  document.getElementById('drawing-clear')!.addEventListener('click', () => {
    pad.clear()
    keep()
  })
  addEventListener('resize', size)
  return { choose, isDrawn: () => methods.value === 'drawn' && field.value !== '' }
}

/** Sends once, with a key of the device's own where it can make one. */
function enhance(
  form: HTMLFormElement,
  { drawing, openOwn }: { drawing: ReturnType<typeof draw> | undefined; openOwn: OpenOwn | undefined },
) {
  let sent = false
  if (globalThis.crypto?.subtle) {
    document.getElementById('no-own-key')?.remove()
    if (openOwn) document.getElementById('own-certificate')?.removeAttribute('hidden')
  }
  // A mail scanner loads the page; only a person touches it.
  const { opened } = form.dataset
  if (opened)
    for (const kind of ['pointerdown', 'keydown'])
      addEventListener(kind, () => navigator.sendBeacon(opened), { once: true, passive: true })

  const say = (text: string) => (document.getElementById('sending')!.textContent = text)
  form.addEventListener('submit', (event) => {
    if (sent) return event.preventDefault()
    sent = true
    say('Sedang mengirim tanda tangan Anda…')
    // Without WebCrypto (an old phone, no https) the form goes as it is, and the service makes a key for it.
    if (!globalThis.crypto?.subtle) return
    event.preventDefault()
    signOwn(form, openOwn).catch((error: unknown) => {
      sent = false
      if (error instanceof Refused) {
        say(error.message)
        return document.getElementById(error.field ?? '')?.focus()
      }
      say(
        error instanceof Refusal
          ? `Perangkat Anda tidak menandatangani: ${error.message}. Tidak ada yang ditandatangani.`
          : 'Tanda tangan belum terkirim. Isian Anda masih ada di halaman ini: tekan “Tanda tangani” sekali lagi.',
      )
    })
  })
  // A page that comes back from the browser's memory may be sent again; the server accepts one signature only.
  addEventListener('pageshow', () => {
    sent = false
    say('')
    drawing?.choose()
  })
  addEventListener('beforeunload', (event) => {
    if (!sent && drawing?.isDrawn()) event.preventDefault()
  })
}

/** The service does not go on; the message says why and what to do, the field where. */
class Refused extends Error {
  constructor(
    message: string,
    readonly field: string | undefined,
  ) {
    super(message)
  }
}

const CONFLICT = 409
const TRIES = 6

/** Key, certificate, checks, signature: nothing leaves the device but public key, proof and signature. */
async function signOwn(
  form: HTMLFormElement,
  openOwn: OpenOwn | undefined,
  triesLeft = TRIES,
): Promise<void> {
  const {
    token,
    slot,
    name,
    numberHead,
    issuer,
    reason,
    key: keyAddress,
    own,
  } = form.dataset as Record<string, string>
  const fields = new URLSearchParams(
    [...new FormData(form)].map(([field, value]): [string, string] => [field, String(value)]),
  )
  const post = (address: string, body: URLSearchParams) =>
    fetch(address, { method: 'POST', body, redirect: 'follow', credentials: 'same-origin' })
  const file = (document.getElementById('p12-file') as HTMLInputElement | null)?.files?.[0]
  const passphrase = document.getElementById('p12-passphrase') as HTMLInputElement | null
  const key =
    file && openOwn
      ? await openOwn(new Uint8Array(await file.arrayBuffer()), passphrase?.value ?? '')
      : await makeKey()
  if ('certificate' in key) {
    fields.set('certificate', toBase64(key.certificate))
    fields.set('chain', toBase64(join(...key.chain)))
  }
  fields.set('publicKey', toBase64(await publicKeyInfo(key)))
  fields.set(
    'proof',
    toBase64(await prove(key, { token: token!, textSha256: fields.get('textSha256') ?? '' })),
  )
  const answer = await post(keyAddress!, fields)
  if (!answer.ok) throw new Error(String(answer.status))
  // The link is used up or closed: its page says so.
  if (!answer.headers.get('content-type')?.startsWith('application/json')) return location.reload()
  const offer = (await answer.json()) as Record<string, string> & { placeholderBytes: number }
  if (offer['refused']) throw new Refused(offer['refused'], offer['field'])
  // Something on the form is missing: the ordinary way says what, beside each field.
  if (!offer['base']) return HTMLFormElement.prototype.submit.call(form)
  const tail = (fields.get('identityTail') ?? '').replace(/\D/g, '')
  const { signature } = await signOffer(
    key,
    {
      base: fromBase64(offer['base']!),
      before: fromBase64(offer['before']!),
      after: fromBase64(offer['after']!),
      placeholderBytes: offer.placeholderBytes,
      certificate: fromBase64(offer['certificate']!),
      issuer: fromBase64(offer['issuer']!),
    },
    {
      ...{ slot: slot!, name: name!, reason: reason!, issuerSha256: issuer! },
      number: numberHead ? numberHead + tail : '',
      now: new Date(),
      words: form.dataset['statement'] === undefined ? undefined : shownWords(),
    },
  )
  const done = await post(own!, new URLSearchParams({ signature: toBase64(signature) }))
  // Somebody else has signed the same joint pact in the meantime: begin again on top of that signature.
  if (done.status === CONFLICT && triesLeft > 1) return signOwn(form, openOwn, triesLeft - 1)
  if (!done.ok) throw new Error(String(done.status))
  location.href = done.url
}

// The pact's words as they stand on this page, but for the table: its rows are everybody's own.
const shownWords = () =>
  [...document.querySelectorAll('.naskah .title-line, .naskah h3, .naskah p, .naskah li')].map(
    ({ textContent }) => textContent ?? '',
  )

function pairs(stroke: number[]): [number, number][] {
  return Array.from({ length: stroke.length / 2 }, (_, at) => [stroke[at * 2]!, stroke[at * 2 + 1]!])
}
