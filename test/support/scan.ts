import { expect } from 'chai'
import { countEvidence, findLeaks } from './evidence.ts'

/** Mocha runs it after the last test of all. */
export const mochaHooks = {
  afterAll() {
    const { secrets, outputs } = countEvidence()
    expect(findLeaks(), `of ${secrets} secrets in ${outputs} outputs`).to.deep.equal([])
  },
}
