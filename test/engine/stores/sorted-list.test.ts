import { expect } from 'chai'
import fc from 'fast-check'
import { SortedList } from '../../../engine/stores/sorted-list.ts'

const compare = (a: number, b: number) => a - b

describe('a sorted list', () => {
  it('holds what was added and not deleted, in order, from any place on', () => {
    const step = fc.record({ number: fc.integer({ min: 0, max: 3000 }), add: fc.boolean() })
    const steps = fc.array(step, { maxLength: 4000, size: 'max' })
    const property = fc.property(steps, fc.integer({ min: -1, max: 3001 }), (walk, place) => {
      const list = new SortedList(compare)
      const model = new Set<number>()
      for (const { number, add } of walk) {
        if (!add) list.delete(number)
        else if (!model.has(number)) list.add(number)
        if (add) model.add(number)
        else model.delete(number)
      }
      const sorted = [...model].sort(compare)
      expect([...list.after()]).to.deep.equal(sorted)
      expect([...list.after(place)]).to.deep.equal(sorted.filter((number) => number > place))
      expect(list.isEmpty).to.equal(sorted.length === 0)
    })
    fc.assert(property, { numRuns: 30 })
  })

  it('compares about as often as its length has digits', () => {
    let compared = 0
    const list = new SortedList<number>((a, b) => {
      compared++
      return a - b
    })
    for (let n = 0; n < 100_000; n++) list.add((n * 7919) % 100_000)
    compared = 0
    list.delete(50_000)
    list.add(50_000)
    for (const item of list.after(70_000)) {
      expect(item).to.equal(70_001)
      break
    }
    expect(compared).to.be.below(3 * 40)
  })
})
