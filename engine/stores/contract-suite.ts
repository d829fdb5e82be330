import { type Case, type StoreUnderTest, withBench } from './contract-cases/bench.ts'
import { durableCases } from './contract-cases/durable.ts'
import { expiryCases } from './contract-cases/expiry.ts'
import { findCases } from './contract-cases/find.ts'
import { keyvCases } from './contract-cases/keyv.ts'
import { scanCases } from './contract-cases/scan.ts'
import { updateCases } from './contract-cases/update.ts'

export type { StoreUnderTest } from './contract-cases/bench.ts'

/** What the suite needs of a test framework: mocha, vitest, jest and `node:test` have it. */
export interface TestFramework {
  describe(title: string, body: () => void): unknown
  it(title: string, test: () => Promise<void>): unknown
}

const groups: Readonly<Record<string, Readonly<Record<string, Case>>>> = {
  'as a Keyv storage adapter': keyvCases,
  'when records expire': expiryCases,
  'when records are updated': updateCases,
  'when records are found by an index': findCases,
  'when records are scanned': scanCases,
}

/**
 * The contract of storage as tests: one for each promise, and for each trap that a real store has
 * laid. An adapter that passes may be named in `gateway.json`.
 *
 * @example
 * import { storeContract } from 'sallyport/testing'
 *
 * storeContract({ describe, it }, {
 *   name: 'my adapter',
 *   connect: () => connect({ adapter: 'mine', url: process.env.MINE_URL }),
 *   durable: true,
 * })
 */
export function storeContract({ describe, it }: TestFramework, subject: StoreUnderTest): void {
  describe(`${subject.name} keeps the contract of storage`, () => {
    const applicable = subject.durable
      ? { ...groups, 'when it is closed and opened again': durableCases }
      : groups
    for (const [group, cases] of Object.entries(applicable)) {
      describe(group, () => {
        for (const [title, prove] of Object.entries(cases)) {
          it(title, () => withBench(subject, prove))
        }
      })
    }
  })
}
