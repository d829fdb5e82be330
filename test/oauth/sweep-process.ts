/**
 * Another process, for the test of a sweep that is killed: sweeps the LMDB store in the folder given,
 * a few tokens at a time, and says after each step how many it has removed.
 */
import { openConnection } from '../../engine/stores/open.ts'
import { openStore, type Store } from '../../engine/stores/store.ts'
import type { SweepRecord } from '../../oauth/endings.ts'
import type { Authorization, Client, Token } from '../../oauth/records.ts'
import { sweeper } from '../../oauth/sweep.ts'
import { indexes } from '../../oauth/token-store.ts'

const [path, time] = process.argv.slice(2)
const now = () => Number(time)
const connection = await openConnection('main', { adapter: 'lmdb', path }, { now })

/** As `openOAuth` does it. */
function open<Value extends object>(name: string, names: readonly string[], lifetime?: string) {
  const adapter = connection.collection(name, { indexes: names })
  const store: Store<Value> = openStore(adapter, { name, now, ...(lifetime && { lifetime }) })
  return store
}

const { sweep } = sweeper({
  tokens: open<Token>('tokens', indexes.tokens, 'expires'),
  clients: open<Client>('clients', indexes.registry),
  authorizations: open<Authorization>('authorizations', indexes.authorizations),
  jobs: open<SweepRecord>('sweeps', indexes.sweeps),
  now,
})
for (let removed = 1; removed > 0; ) {
  removed = await sweep(5)
  process.stdout.write(`${removed}\n`)
}
await connection.close()
