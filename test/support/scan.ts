import { expect } from 'chai'
import { countEvidence, findLeaks } from './evidence.ts'

/** Mocha runs it after the last test of all. */
export const mochaHooks = {
  afterAll(this: Mocha.Context) {
    // Many rounds of a system test, by hand, make a log of many megabytes.
    this.timeout(120_000)
    const { secrets, outputs } = countEvidence()
    expect(findLeaks(), `of ${secrets} secrets in ${outputs} outputs`).to.deep.equal([])
  },
}
