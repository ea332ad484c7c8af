import { PactError } from '../../domain/errors.js'
import { parseMoment } from '../../domain/campaign.js'
import { formatName } from '../../domain/roster.js'
import { isGateKind, type UnitKind } from '../../domain/unit.js'
import {
  closeAssembly,
  doorsOf,
  drawQr,
  enter,
  type Hall,
  openAssembly,
  openDoor,
  readPledge,
  readScreen,
} from '../../flow/assemble.js'
import { remindNow } from '../../flow/invite.js'
import { countAttendance, findAssemblies, findAssembly, findAttendance } from '../../store/assemblies.js'
import { findPerson } from '../../store/coverage-people.js'
import { findUnit, findUnits } from '../../store/people.js'
import {
  AssembliesPage,
  AssemblyPage,
  EntranceClosedPage,
  EntrancePage,
  EntranceSentPage,
} from '../assembly.js'
import { type FormError, type FormState, formStateOf } from '../form.js'
import { paths } from '../paths.js'
import { PledgePage, ScreenPage } from '../screen.js'
import {
  actingAs,
  atHome,
  idField,
  labelOf,
  mayChange,
  refusal,
  type Reply,
  requireCampaign,
  requirePemda,
  type Visit,
} from './desk.js'

const PEOPLE_SHOWN = 200

// --- the administrator's side ---

async function listPage(visit: Visit, form?: FormState): Promise<Reply> {
  const campaign = await requireCampaign(visit)
  const { db } = visit.house
  const assemblies = []
  for (const { id, title, startsAt, endedAt } of await findAssemblies(db, campaign.id))
    assemblies.push({
      id,
      title,
      startsAt,
      isEnded: endedAt !== null,
      present: (await countAttendance(db, id)).all,
    })
  const gates = (await findUnits(db, campaign.pemdaId)).filter((unit) => isGateKind(unit.kind as UnitKind))
  return {
    status: form ? 400 : 200,
    page: AssembliesPage({
      ...{ frame: visit.frame, campaign: labelOf(campaign), assemblies, isOpen: campaign.state === 'open' },
      units: gates.map(({ id, name }) => ({ unitId: id, name })),
      mayChange: mayChange(visit),
      ...(form && { form }),
    }),
  }
}

export const showAssemblies = (visit: Visit) => listPage(visit)

export async function create(visit: Visit): Promise<Reply> {
  const campaign = await requireCampaign(visit)
  const { form } = visit
  const errors: FormError[] = []
  const title = (form.get('title') ?? '').trim()
  if (title === '') errors.push({ field: 'title', message: 'Tulis nama apel' })
  const startsAt = parseMoment(
    { date: form.get('startDate') ?? '', time: form.get('startTime') ?? '' },
    campaign.timeZone,
  )
  if (!startsAt) errors.push({ field: 'startDate', message: 'Isi tanggal dan pukul mulai' })
  if (errors.length > 0 || !startsAt) return listPage(visit, formStateOf(form, errors))
  const id = await openAssembly(
    visit.house,
    { campaign, unitId: idField(visit, 'unitId') || null, title, startsAt },
    actingAs(visit),
  )
  return { redirect: paths.assembly(campaign.id, id) }
}

async function requireAssembly(visit: Visit): Promise<Hall> {
  const campaign = await requireCampaign(visit)
  const assembly = await findAssembly(visit.house.db, visit.numberParam('assemblyId'))
  if (assembly?.campaignId !== campaign.id) throw new PactError('NOT_FOUND', 'Apel ini tidak ada.')
  const unit = assembly.unitId === null ? undefined : await findUnit(visit.house.db, assembly.unitId)
  return { assembly, campaign, pemda: requirePemda(visit), unitName: unit?.name, path: unit?.path ?? '/' }
}

async function assemblyPage(visit: Visit, form?: FormState): Promise<Reply> {
  const { assembly, campaign, pemda, unitName } = await requireAssembly(visit)
  const { db, settings } = visit.house
  const people = []
  for (const { employeeId, at, officerId } of await findAttendance(db, {
    assemblyId: assembly.id,
    limit: PEOPLE_SHOWN,
  })) {
    const person = await findPerson(db, campaign.id, employeeId)
    if (person)
      people.push({
        ...{ name: formatName(person), unitName: person.unitName, at, byOfficer: officerId !== null },
        hasSigned: person.status === 'signed',
      })
  }
  const doors = doorsOf(visit.house, assembly)
  return {
    status: form ? 400 : 200,
    page: AssemblyPage({
      ...{ frame: visit.frame, campaign: labelOf(campaign), people, mayChange: mayChange(visit) },
      assembly: {
        ...{ id: assembly.id, title: assembly.title, startsAt: assembly.startsAt },
        ...{ endedAt: assembly.endedAt ?? undefined, unitName: unitName ?? pemda.governmentName },
      },
      screenAddress: settings.baseUrl + paths.screen(doors.screen),
      entranceAddress: settings.baseUrl + paths.entrance(doors.entrance),
      present: await countAttendance(db, assembly.id),
      done: doneWords[visit.query.get('hasil') ?? ''],
      ...(form && { form }),
    }),
  }
}
const doneWords: Record<string, string> = {
  hadir: 'Kehadiran dicatat.',
  akhir: 'Apel diakhiri. Layar besar dan pintu masuk sudah ditutup.',
}

export const showAssembly = (visit: Visit) => assemblyPage(visit)

export async function end(visit: Visit): Promise<Reply> {
  const { assembly, campaign } = await requireAssembly(visit)
  await closeAssembly(visit.house, assembly.id, actingAs(visit))
  return { redirect: `${paths.assembly(campaign.id, assembly.id)}?hasil=akhir` }
}

/** The help desk writes somebody down, and goes on to that person's page, where a kiosk is opened. */
export async function attend(visit: Visit): Promise<Reply> {
  const hall = await requireAssembly(visit)
  const found = await enter(visit.house, hall, visit.form.get('number') ?? '', actingAs(visit))
  if (!found)
    return assemblyPage(
      visit,
      formStateOf(visit.form, [
        { field: 'number', message: 'Nomor ini tidak tercatat pada unit apel ini, atau apel sudah diakhiri' },
      ]),
    )
  return { redirect: paths.person(hall.campaign.id, found.employeeId) }
}

// --- the hall's side: nobody signs in there ---

async function requireDoor(asked: Visit, door: 'screen' | 'entrance') {
  const hall = await openDoor(asked.house, door, asked.param('token'))
  const visit = { ...asked, account: undefined, frame: { ...asked.frame, account: undefined } }
  return { visit: atHome(visit, hall?.pemda), hall }
}
const closed = (visit: Visit): Reply => ({ page: EntranceClosedPage({ frame: visit.frame }), status: 410 })
const nowhere = (): never => {
  throw new PactError('NOT_FOUND', 'Alamat ini tidak ada.')
}

export async function showScreen(asked: Visit): Promise<Reply> {
  const { visit, hall } = await requireDoor(asked, 'screen')
  if (!hall) return nowhere()
  const { assembly, campaign, pemda, unitName } = hall
  const { entrance } = doorsOf(visit.house, assembly)
  const address = visit.house.settings.baseUrl + paths.entrance(entrance)
  const token = visit.param('token')
  return {
    page: ScreenPage({
      ...{ frame: visit.frame, title: assembly.title, unitName: unitName ?? pemda.name },
      state: await readScreen(visit.house, hall, visit.act.now),
      ...{ startsAt: assembly.startsAt, deadline: campaign.deadline, zone: campaign.timeZone },
      entrance: { address, qr: drawQr(address) },
      feedPath: paths.screenFeed(token),
      pledgePath: (await readPledge(visit.house, hall)) ? paths.screenPledge(token) : undefined,
      now: visit.act.now,
    }),
  }
}

export async function showPledge(asked: Visit): Promise<Reply> {
  const { visit, hall } = await requireDoor(asked, 'screen')
  const text = hall && (await readPledge(visit.house, hall))
  if (!text) return nowhere()
  return {
    page: PledgePage({
      ...{ frame: visit.frame, title: hall.assembly.title, text },
      screenPath: paths.screen(visit.param('token')),
    }),
  }
}

/** The counts as they change: a stream for the screen's script, one answer for whoever asks for no stream. */
export async function followScreen(asked: Visit): Promise<Reply> {
  const { visit, hall } = await requireDoor(asked, 'screen')
  if (!hall) return nowhere()
  const { house } = visit
  const first = await readScreen(house, hall, visit.act.now)
  if (!visit.wantsStream) return { text: JSON.stringify(first), type: 'application/json' }
  return {
    follow: async (now: Date) => JSON.stringify(await readScreen(house, hall, now)),
  }
}

export async function showEntrance(asked: Visit): Promise<Reply> {
  const { visit, hall } = await requireDoor(asked, 'entrance')
  if (!hall) return { ...closed(visit), status: 404, isMiss: true } as Reply
  if (hall.assembly.endedAt) return closed(visit)
  return entrancePage(visit, hall)
}

const entrancePage = (visit: Visit, { assembly, pemda, unitName }: Hall, form?: FormState): Reply => ({
  status: form ? 400 : 200,
  page: EntrancePage({
    ...{ frame: visit.frame, token: visit.param('token'), title: assembly.title },
    unitName: unitName ?? pemda.name,
    ...(form && { form }),
  }),
})

export async function askAtEntrance(asked: Visit): Promise<Reply> {
  const { visit, hall } = await requireDoor(asked, 'entrance')
  if (!hall) return { ...closed(visit), status: 404, isMiss: true } as Reply
  if (hall.assembly.endedAt) return closed(visit)
  const number = visit.form.get('number') ?? ''
  // The one thing that may be said of a number is its form.
  if (!/[0-9A-Za-z]/.test(number) || number.length > 60)
    return entrancePage(visit, hall, refusal('number', new PactError('BAD_FORM', 'Ketik nomor induk Anda')))
  const found = await enter(visit.house, hall, number, visit.act)
  if (found?.partyId) await remindNow(visit.house, found.partyId, visit.act)
  return { page: EntranceSentPage({ frame: visit.frame, token: visit.param('token') }) }
}
