import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  afterQuietHours,
  formatMoment,
  localHour,
  type TimeZone,
  timeZones,
} from '../../src/domain/campaign.js'

const zones = Object.keys(timeZones) as TimeZone[]

test('a moment reads as Indonesian documents write it, in each of the three zones', () => {
  const at = new Date('2024-01-25T01:15:00Z')
  assert.equal(formatMoment(at, 'WIB'), '25 Januari 2024 pukul 08.15 WIB')
  assert.equal(formatMoment(at, 'WITA'), '25 Januari 2024 pukul 09.15 WITA')
  assert.equal(formatMoment(at, 'WIT'), '25 Januari 2024 pukul 10.15 WIT')
  assert.equal(formatMoment(new Date('2026-12-31T16:00:00Z'), 'WITA'), '1 Januari 2027 pukul 00.00 WITA')
})

test('the local hour is the one that the operating system tells', () => {
  for (const zone of zones)
    for (const at of [
      '2026-11-22T00:00:00Z',
      '2026-11-22T15:59:59Z',
      '2026-11-22T16:00:00Z',
      '2026-06-30T23:30:00Z',
    ]) {
      const hour = execFileSync('date', ['-d', at, '+%H'], {
        env: { ...process.env, TZ: timeZones[zone] },
        encoding: 'utf8',
      })
      assert.equal(localHour(new Date(at), zone), Number(hour), `${at} ${zone}`)
    }
})

test('mail waits for the end of the quiet hours and never leaves within them', () => {
  const rows = [
    ['before them', '2026-11-22T10:00:00Z', '2026-11-22T10:00:00.000Z'], // 18.00 WITA
    ['at their start', '2026-11-22T12:00:00Z', '2026-11-22T23:00:00.000Z'], // 20.00 -> 07.00
    ['after midnight', '2026-11-22T18:30:00Z', '2026-11-22T23:00:00.000Z'], // 02.30 -> 07.00
    ['at their end', '2026-11-22T23:00:00Z', '2026-11-22T23:00:00.000Z'],
  ] as const
  const night = { quietFromHour: 20, quietUntilHour: 7, remindAfterDays: [] }
  for (const [name, at, expected] of rows)
    assert.equal(afterQuietHours(new Date(at), 'WITA', night).toISOString(), expected, name)
  fc.assert(
    fc.property(
      fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }),
      fc.nat(23),
      fc.nat(23),
      fc.constantFrom(...zones),
      (at, quietFromHour, quietUntilHour, zone) => {
        const policy = { quietFromHour, quietUntilHour, remindAfterDays: [] }
        const free = afterQuietHours(at, zone, policy)
        assert.ok(free >= at && free.getTime() - at.getTime() <= 24 * 3_600_000)
        assert.equal(
          afterQuietHours(free, zone, policy).getTime(),
          free.getTime(),
          'the end of the wait is not quiet',
        )
      },
    ),
  )
})
