/**
 * Another process, for the tests of locks and of durability: opens the LMDB store in the folder given
 * and says `open`, or why not. With `write` it goes on to write, and says each write that has been
 * acknowledged.
 */
import { openConnection } from '../../../engine/stores/open.ts'
import { openStore } from '../../../engine/stores/store.ts'

interface Note {
  readonly owner: string
  readonly n: number
}

const [path = '', verb = 'hold', round = '0'] = process.argv.slice(2)
const say = (line: string) => process.stdout.write(`${line}\n`)

try {
  const connection = await openConnection('main', { adapter: 'lmdb', path })
  const store = openStore<Note>(connection.collection('notes', { indexes: ['owner'] }), {
    name: 'notes',
  })
  connection.announce?.('http://127.0.0.1:8089')
  say('open')
  if (verb === 'write') await Promise.all(Array.from({ length: 8 }, (_, n) => write(store, n)))
  else setInterval(() => {}, 1000)
} catch (error) {
  say(`${error instanceof Error ? error.name : 'Error'} ${String(error)}`)
}

async function write(store: ReturnType<typeof openStore<Note>>, writer: number): Promise<void> {
  for (let n = 0; ; n++) {
    const key = `${round}-${writer}-${n}`
    await store.set(key, { owner: `${writer}`, n })
    say(`set ${key}`)
    if (n % 3 === 1) {
      await store.update(key, (note) => ({ owner: 'moved', n: note?.n ?? -1 }))
      say(`moved ${key}`)
    }
    if (n % 3 === 2) {
      await store.delete(key)
      say(`deleted ${key}`)
    }
  }
}
