// The big screen of an apel: counts as they change, a countdown, and a connection that comes back by itself.

interface State {
  signed: number
  required: number
  present: number
  recent: { unitName: string; at: string }[]
  isEnded: boolean
}

const RETRY_MILLISECONDS = 3000
// The service says something at least every 15 seconds.
const SILENCE_MILLISECONDS = 40_000
const zones: Record<string, string> = { WIB: 'Asia/Jakarta', WITA: 'Asia/Makassar', WIT: 'Asia/Jayapura' }

const main = document.getElementById('layar')!
const { feed = '', starts = '', deadline = '', zone = '' } = main.dataset
const byId = (id: string) => document.getElementById(id)!
const count = new Intl.NumberFormat('id-ID')
const clock = new Intl.DateTimeFormat('id-ID', {
  ...{ timeZone: zones[zone] ?? 'Asia/Jakarta', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
})
const timeOf = (at: Date) => `${clock.format(at).replace(':', '.')} ${zone}`

function show(state: State): void {
  const permille = state.required === 0 ? undefined : Math.floor((state.signed * 1000) / state.required)
  byId('sudah').textContent = count.format(state.signed)
  byId('wajib').textContent = count.format(state.required)
  byId('hadir').textContent = count.format(state.present)
  byId('persen').textContent = permille === undefined ? '–' : `${Math.floor(permille / 10)},${permille % 10}%`
  byId('batang').setAttribute('width', String(permille ?? 0))
  const list = byId('terbaru')
  list.replaceChildren(
    ...state.recent.map(({ unitName, at }) => {
      const item = document.createElement('li')
      const time = document.createElement('time')
      time.textContent = timeOf(new Date(at))
      item.append(`${unitName} `, time)
      return item
    }),
  )
  if (state.recent.length > 0) document.getElementById('belum')?.remove()
  byId('sambungan').textContent = state.isEnded
    ? 'Apel sudah diakhiri.'
    : `Keadaan pukul ${timeOf(new Date())}`
}

let heard = Date.now()
function connect(): void {
  const source = new EventSource(feed)
  let isOver = false
  const again = () => {
    if (isOver) return
    isOver = true
    clearInterval(watch)
    source.close()
    byId('sambungan').textContent =
      'Sambungan terputus; menyambung kembali. Angka di layar adalah yang terakhir diterima.'
    setTimeout(connect, RETRY_MILLISECONDS)
  }
  source.addEventListener('message', (event: MessageEvent<string>) => {
    heard = Date.now()
    show(JSON.parse(event.data) as State)
  })
  source.addEventListener('hidup', () => (heard = Date.now()))
  source.addEventListener('error', again)
  // A proxy may keep a dead connection open: silence is as good as an error.
  const watch = setInterval(() => {
    if (Date.now() - heard < SILENCE_MILLISECONDS) return
    heard = Date.now()
    again()
  }, 5000)
}

function tick(): void {
  const isBefore = Date.parse(starts) > Date.now()
  const left = Math.max(0, Math.floor((Date.parse(isBefore ? starts : deadline) - Date.now()) / 1000))
  const two = (value: number) => String(value).padStart(2, '0')
  const days = Math.floor(left / 86_400)
  const rest = `${two(Math.floor(left / 3600) % 24)}.${two(Math.floor(left / 60) % 60)}.${two(left % 60)}`
  byId('sisa-judul').textContent = isBefore ? 'Apel dimulai dalam' : 'Batas waktu pakta dalam'
  byId('sisa').textContent = left === 0 ? 'sudah lewat' : days > 0 ? `${days} hari ${rest}` : rest
}

connect()
tick()
setInterval(tick, 1000)
