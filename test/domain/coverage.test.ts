import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type Counts,
  addCounts,
  type CoverageNode,
  growTree,
  signedPermille,
  zeroCounts,
} from '../../src/domain/coverage.js'

const counts = fc.record(
  Object.fromEntries(Object.keys(zeroCounts).map((name) => [name, fc.nat(1000)])) as Record<
    keyof Counts,
    fc.Arbitrary<number>
  >,
)

test('whatever the tree, every total is the recount of everything below it', () => {
  const tree = fc.array(fc.record({ parent: fc.nat(), asn: counts, nonAsn: counts }), {
    minLength: 1,
    maxLength: 60,
  })
  fc.assert(
    fc.property(tree, (drawn) => {
      // Each unit's parent is an earlier one, or none; shuffled, so that parents may come after their children.
      const units = drawn.map(({ parent, asn, nonAsn }, index) => ({
        unitId: index + 1,
        parentId: index === 0 || parent % (index + 1) === 0 ? undefined : parent % (index + 1),
        code: String(index + 1),
        kind: 'opd',
        name: '',
        asn,
        nonAsn,
      }))
      const parentOf = new Map(units.map((unit) => [unit.unitId, unit.parentId]))
      const isBelow = (id: number | undefined, top: number): boolean =>
        id === top || (id !== undefined && isBelow(parentOf.get(id), top))
      const check = (node: CoverageNode): void => {
        const below = units.filter((unit) => isBelow(unit.unitId, node.unitId))
        for (const name of Object.keys(zeroCounts) as (keyof Counts)[]) {
          assert.equal(
            node.total[name],
            below.reduce((sum, unit) => sum + unit.asn[name] + unit.nonAsn[name], 0),
          )
          assert.equal(
            node.nonAsn[name],
            below.reduce((sum, unit) => sum + unit.nonAsn[name], 0),
          )
        }
        const one = units.find((unit) => unit.unitId === node.unitId)!
        assert.deepEqual(node.own, addCounts(one.asn, one.nonAsn))
        node.children.forEach(check)
      }
      // What a unit brings is its subtree's; here summed from what was drawn for each unit alone.
      const sum = (id: number, part: 'asn' | 'nonAsn') =>
        units
          .filter((unit) => isBelow(unit.unitId, id))
          .reduce((all, unit) => addCounts(all, unit[part]), zeroCounts)
      const roots = growTree(
        [...units]
          .reverse()
          .map((unit) => ({ ...unit, asn: sum(unit.unitId, 'asn'), nonAsn: sum(unit.unitId, 'nonAsn') })),
      )
      roots.forEach(check)
      const size = (node: CoverageNode): number => node.children.reduce((sum, child) => sum + size(child), 1)
      assert.equal(
        roots.reduce((sum, root) => sum + size(root), 0),
        units.length,
      )
    }),
  )
})

test('a village without civil servants has no percentage, and 100 % means everybody', () => {
  assert.equal(signedPermille(zeroCounts), undefined)
  assert.equal(signedPermille({ ...zeroCounts, required: 3, signed: 0 }), 0)
  assert.equal(signedPermille({ ...zeroCounts, required: 3, signed: 3 }), 1000)
  assert.equal(signedPermille({ ...zeroCounts, required: 5350, signed: 5349 }), 999)
})
