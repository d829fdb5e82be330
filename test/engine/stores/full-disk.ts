/**
 * A process that may not let a file grow beyond some size, which is as near to a full disk as a test
 * can come without being root. It writes until the store refuses, and tells what it then has, and
 * what the store says of its health then and when there is room again.
 */
import { execFileSync } from 'node:child_process'
import { openConnection } from '../../../engine/stores/open.ts'

process.on('SIGXFSZ', () => {})
process.on('unhandledRejection', (error) => say({ unhandled: String(error) }))

const say = (fact: object) => process.stdout.write(`${JSON.stringify(fact)}\n`)
const [path = ''] = process.argv.slice(2)
const connection = await openConnection('main', { adapter: 'lmdb', path })
const store = connection.collection('notes', { indexes: [] })
const text = JSON.stringify({ value: 'x'.repeat(3000) })

const acknowledged: string[] = []
const refused = new Set<string>()
const problems = new Set<string | undefined>()
for (let n = 0; refused.size === 0; n++) {
  const keys = Array.from({ length: 8 }, (_, writer) => `${n}-${writer}`)
  await Promise.all(keys.map(writeOne))
}
await Promise.all(['again', 'and again'].map(writeOne))
await new Promise((resolve) => setImmediate(resolve))

const whileFull = [await connection.health(), await connection.health()]
execFileSync('prlimit', ['--fsize=unlimited:', '--pid', String(process.pid)])
const whenThereIsRoom = await connection.health()

const present = (await store.getMany(acknowledged)).filter((found) => found === text)
say({
  refused: [...refused],
  acknowledged: acknowledged.length,
  present: present.length,
  problems: [...problems],
  healths: [...whileFull, whenThereIsRoom].map(({ problem = 'none' }) => problem),
})
await connection.close()

async function writeOne(key: string): Promise<void> {
  try {
    await store.set(key, text)
    acknowledged.push(key)
  } catch (error) {
    problems.add((await store.health()).problem)
    refused.add(error instanceof Error ? error.message : 'no error')
  }
}
