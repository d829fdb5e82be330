import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { openConnection } from '../../../engine/stores/open.ts'

const script = fileURLToPath(new URL('./race-process.ts', import.meta.url))

const ROUNDS = 100
const COUNTS = 3

/** Two processes race for the records of one store, and neither may lose what it was told it has. */
export function itSurvivesRaces(settings: () => Readonly<Record<string, unknown>>): void {
  it('lets two processes race for a record: one taker, no lost update, and both get their turn', async function () {
    this.timeout(60_000)
    const connection = await openConnection('main', settings())
    const store = connection.collection('races', { indexes: ['owner'] })
    await store.clear()
    const racers = [startRacer(settings()), startRacer(settings())]
    try {
      await Promise.all(racers.map((racer) => racer.heard('ready')))
      const wins = [0, 0]
      for (let round = 0; round < ROUNDS; round++) {
        const key = `round-${round}`
        await store.set(`${key}-once`, JSON.stringify({ value: { owner: 'nobody', n: 0 } }))
        const answers = await Promise.all(
          racers.map((racer) => racer.tell(`${key} ${Date.now() + 4} ${COUNTS}`)),
        )
        const winner = answers.findIndex((answer) => answer.startsWith('won'))
        expect(answers.filter((answer) => answer.startsWith('won'))).to.have.length(1)
        expect(answers.filter((answer) => answer.endsWith('took'))).to.have.length(1)
        wins[winner] = (wins[winner] ?? 0) + 1
      }
      expect(Math.min(...wins), `rounds won: ${wins}`).to.be.at.least(10)
      const counter = JSON.parse((await store.get('counter')) ?? '{}')
      expect(counter.value.n).to.equal(ROUNDS * racers.length * COUNTS)
    } finally {
      for (const racer of racers) racer.kill()
      await store.clear()
      await connection.close()
    }
  })
}

function startRacer(settings: Readonly<Record<string, unknown>>) {
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(settings)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const reader = createInterface({ input: child.stdout })
  const ended = once(child, 'exit').then(() => {
    throw new Error('the racer has ended')
  })
  ended.catch(() => {})
  const line = async (): Promise<string> => {
    const [text] = await Promise.race([once(reader, 'line'), ended])
    return text
  }
  return {
    kill: () => child.kill('SIGKILL'),
    async heard(text: string): Promise<void> {
      expect(await line()).to.equal(text)
    },
    async tell(text: string): Promise<string> {
      const answer = line()
      child.stdin.write(`${text}\n`)
      return answer
    },
  }
}
