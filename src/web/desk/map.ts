import { zeroCounts } from '../../domain/coverage.js'
import { PactError } from '../../domain/errors.js'
import { GEOJSON_BYTES_MAX } from '../../domain/geojson.js'
import { saveMap } from '../../flow/oversee.js'
import { countShapes, findPemdasBelow, findShapes } from '../../store/pemdas.js'
import { findUnits } from '../../store/people.js'
import type { FormState } from '../form.js'
import { MapPage } from '../map.js'
import { actingAs, mayChange, refusal, type Reply, requirePemda, type Visit } from './desk.js'

export const MAP_BYTES_MAX = GEOJSON_BYTES_MAX

async function mapPage(
  visit: Visit,
  after: { unknown?: readonly string[]; without?: readonly string[]; done?: string; form?: FormState } = {},
): Promise<Reply> {
  const { db } = visit.house
  const pemda = requirePemda(visit)
  const names = new Map([
    ...(await findUnits(db, pemda.id)).map((unit) => [unit.regionCode, unit.name] as const),
    ...(await findPemdasBelow(db, [pemda.id])).map((one) => [one.code, one.name] as const),
  ])
  const shapes = await findShapes(db, { pemdaId: pemda.id })
  // Districts and their villages lie on top of each other: the widest level is shown.
  const depth = Math.min(...shapes.map(({ code }) => code.length))
  return {
    status: after.form ? 400 : 200,
    page: MapPage({
      ...{ frame: visit.frame, shapeCount: await countShapes(db, pemda.id), mayChange: mayChange(visit) },
      places: shapes
        .filter(({ code }) => code.length === depth)
        .map((shape) => ({
          shape,
          name: names.get(shape.code) ?? shape.code,
          counts: zeroCounts,
          note: shape.code,
        })),
      unknown: after.unknown ?? [],
      without: after.without ?? [],
      done: after.done,
      ...(after.form && { form: after.form }),
    }),
  }
}

export const showMap = (visit: Visit) => mapPage(visit)

export async function saveMapForm(visit: Visit): Promise<Reply> {
  const upload = visit.uploads.find((one) => one.field === 'file')
  const removes = visit.form.get('act') === 'hapus'
  try {
    if (!removes && (!upload || upload.sizeBytes === 0))
      throw new PactError('BAD_FILE', 'Pilih berkas GeoJSON')
    const path = removes ? undefined : upload!.path
    const { shapes, unknown, without } = await saveMap(
      visit.house,
      { pemdaId: requirePemda(visit).id, path },
      actingAs(visit),
    )
    const done = removes ? 'Peta dihapus.' : `Peta disimpan: ${shapes} wilayah.`
    return await mapPage(visit, { unknown, without, done })
  } catch (error) {
    return mapPage(visit, { form: refusal('file', error) })
  }
}
