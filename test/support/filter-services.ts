import { credentialChecks } from '../../engine/gateway/credentials.ts'
import type { Filter, Logger, Services, Store } from '../../engine/index.ts'
import { type FilterCase, testFilter } from '../../engine/policy/testing/test-filter.ts'
import { connect } from '../../engine/stores/memory.ts'
import { openStoreLock } from '../../engine/stores/store-lock.ts'
import { type MakePlace, openOAuth } from '../oauth/open-oauth.ts'

export const ADMIN_SECRET = 'the-admin-secret'

/** What the filters of OAuth run on: real records and rules, and a log that can be read. */
export async function openFilterServices(place?: MakePlace) {
  const oauth = await openOAuth({ keepExpired: 3600, ...(place && { place }) })
  const connection = await connect({ adapter: 'memory', deadline: 3000 })
  const lock = openStoreLock('main', connection)
  const warnings: string[] = []
  const log: Logger = {
    debug() {},
    info() {},
    warn: (_fields, text = '') => void warnings.push(text),
    error() {},
  }
  const services: Partial<Services> = {
    log,
    now: oauth.now,
    clients: () => oauth.registry,
    tokens: () => oauth.store,
    collections: () => Object.values(oauth.records) as readonly Store[],
    stores: () => [{ name: 'main', lock, health: connection.health }],
    credential: credentialChecks({ admin: ADMIN_SECRET }),
  }
  return {
    ...oauth,
    services,
    warnings,
    /** That of the only store. */
    lock,
    /** Runs the filter once on these services. */
    run: (filter: Filter, given: FilterCase = {}) => testFilter(filter, { services, ...given }),
  }
}

export type FilterServices = Awaited<ReturnType<typeof openFilterServices>>

/** What the client is told, by the code of the refusal; `success` where there is none. */
export async function codeOf(result: ReturnType<typeof testFilter>): Promise<string> {
  const { outcome, refusal } = await result
  return refusal?.code ?? outcome
}
