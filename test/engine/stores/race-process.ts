/**
 * One of several processes that race for records of one store. For each line `key time counts` on the
 * standard input it waits for the time (milliseconds since the epoch, the barrier), takes the record
 * of that key if nobody else has it, counts up another so many times, and says `won` or `lost`.
 */
import { createInterface } from 'node:readline'
import { KEEP } from '../../../engine/stores/contract.ts'
import { openConnection } from '../../../engine/stores/open.ts'
import { openStore } from '../../../engine/stores/store.ts'

const [settings = '{}'] = process.argv.slice(2)
const connection = await openConnection('main', JSON.parse(settings))
const adapter = connection.collection('races', { indexes: ['owner'] })
const store = openStore<{ readonly owner: string; readonly n: number }>(adapter, { name: 'races' })
await store.get('warm')
process.stdout.write('ready\n')

for await (const line of createInterface({ input: process.stdin })) {
  const [key = '', time, counts] = line.split(' ')
  while (Date.now() < Number(time));
  const owner = String(process.pid)
  const { before } = await store.update(key, (taken) => (taken ? KEEP : { owner, n: 0 }))
  for (let n = 0; n < Number(counts); n++) {
    await store.update('counter', (count) => ({ owner, n: (count?.n ?? 0) + 1 }))
  }
  const taken = await store.delete(`${key}-once`)
  process.stdout.write(`${before === undefined ? 'won' : 'lost'} ${taken ? 'took' : 'missed'}\n`)
}
await connection.close()
