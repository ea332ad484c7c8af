import { type CoverageNode, formatCount } from '../domain/coverage.js'
import type { UnitKind } from '../domain/unit.js'
import { unitKindLabels } from '../domain/unit.js'
import { Submit } from './form.js'
import { Notice } from './layout.js'
import { paths } from './paths.js'

/** Where somebody stands who has not signed. */
export type MissingStatus = 'undeliverable' | 'waiting' | 'invited' | 'opened' | 'declined' | 'disputed'

/** How long there is still time, what came today, and how others are doing. */
export function Today({
  daysLeft,
  signedToday,
  kind,
  place,
}: {
  daysLeft: number // 0 or less once the deadline has passed
  signedToday: number
  kind: string // of the unit
  place: { rank: number; of: number } | undefined // among units of its kind beside it
}) {
  return (
    <dl class="counts today">
      <div>
        <dt>Sisa waktu</dt>
        <dd>{daysLeft > 0 ? `${formatCount(daysLeft)} hari` : 'sudah lewat'}</dd>
      </div>
      <div>
        <dt>Hari ini</dt>
        <dd>+{formatCount(signedToday)}</dd>
      </div>
      {place && (
        <div>
          <dt>Di antara {(unitKindLabels[kind as UnitKind] ?? kind).toLowerCase()} lain</dt>
          <dd>
            ke-{formatCount(place.rank)} dari {formatCount(place.of)}
          </dd>
        </div>
      )}
    </dl>
  )
}

const missingWords: Record<MissingStatus, { who: string; why: string; act: string }> = {
  undeliverable: {
    who: 'Surelnya tidak sampai',
    why: 'Alamat kosong, salah, atau ditolak.',
    act: 'Minta alamat yang benar, lalu sampaikan kepada administrator.',
  },
  waiting: {
    who: 'Belum diundang',
    why: 'Menunggu pimpinan menandatangani dan saksi menyaksikan.',
    act: 'Ingatkan pimpinan unitnya.',
  },
  invited: {
    who: 'Belum membuka surelnya',
    why: 'Tautan sudah terkirim.',
    act: 'Ingatkan dengan tombol di bawah, atau sampaikan langsung.',
  },
  opened: {
    who: 'Sudah membuka, belum menandatangani',
    why: 'Naskahnya sudah dilihat.',
    act: 'Tanyakan apakah ada yang perlu dijelaskan, atau tawarkan kios bantuan.',
  },
  declined: {
    who: 'Menyatakan belum bersedia',
    why: 'Alasannya ada pada daftar nama.',
    act: 'Hubungi dengan santun; tautannya tetap dapat dipakai.',
  },
  disputed: {
    who: 'Melaporkan datanya keliru',
    why: 'Menunggu data diperbaiki.',
    act: 'Administrator memperbaiki data, lalu tautan baru terkirim.',
  },
}

/** Who is missing, why, and what can be done: the one question a head of unit has. */
export function Missing({
  campaignId,
  node,
  missing,
  mayRemind,
}: {
  campaignId: number
  node: CoverageNode
  missing: Readonly<Record<MissingStatus, number>>
  mayRemind: boolean
}) {
  const statuses = (Object.keys(missingWords) as MissingStatus[]).filter((status) => missing[status] > 0)
  if (node.total.required === 0) return null
  if (statuses.length === 0)
    return (
      <Notice tone="good" heading="Semua sudah menandatangani">
        <p>Tidak ada yang perlu dilakukan di {node.name}.</p>
      </Notice>
    )
  const reachable = missing.invited + missing.opened
  return (
    <section class="missing">
      <h2>Yang belum, dan yang dapat dilakukan</h2>
      <table class="cards">
        <caption class="hidden-visually">Yang belum menandatangani menurut sebabnya</caption>
        <thead>
          <tr>
            <th scope="col">Siapa</th>
            <th scope="col" class="n">
              Orang
            </th>
            <th scope="col">Mengapa</th>
            <th scope="col">Yang dapat dilakukan</th>
          </tr>
        </thead>
        <tbody>
          {statuses.map((status) => (
            <tr>
              <th scope="row">
                <a
                  href={
                    status === 'undeliverable'
                      ? paths.undeliverable(campaignId, node.unitId)
                      : `${paths.people(campaignId, node.unitId)}?status=${status}`
                  }
                >
                  {missingWords[status].who}
                </a>
              </th>
              <td class="n" data-label="Orang">
                {formatCount(missing[status])}
              </td>
              <td>{missingWords[status].why}</td>
              <td>{missingWords[status].act}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {mayRemind && reachable > 0 && (
        <form class="noprint" method="post" action={paths.remindUnit(campaignId, node.unitId)}>
          <p>
            Pengingat memuat tautan yang sama. Setiap orang paling banyak satu kali sehari lewat tombol ini;
            siapa yang menekannya dicatat.
          </p>
          <Submit>Ingatkan {formatCount(reachable)} orang</Submit>
        </form>
      )}
    </section>
  )
}
