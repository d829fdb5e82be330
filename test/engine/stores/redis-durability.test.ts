import { expect } from 'chai'
import { connect } from '../../../engine/stores/redis.ts'
import { startRedis, useRedis } from '../../support/redis.ts'

const SAFE = { appendonly: 'yes', appendfsync: 'always', 'maxmemory-policy': 'noeviction' }

const weak: readonly { readonly setting: string; readonly value: string; readonly risk: RegExp }[] =
  [
    { setting: 'appendonly', value: 'no', risk: /restart of Redis goes back to its last snapshot/ },
    { setting: 'appendfsync', value: 'everysec', risk: /crash of its machine forgets/ },
    { setting: 'appendfsync', value: 'no', risk: /crash of its machine forgets/ },
    { setting: 'maxmemory-policy', value: 'allkeys-lru', risk: /drops records/ },
    { setting: 'maxmemory-policy', value: 'volatile-ttl', risk: /drops records/ },
  ]

async function failure(call: () => Promise<unknown>): Promise<string> {
  try {
    await call()
  } catch (error) {
    return String(error)
  }
  throw new Error('it did not fail')
}

describe('the durability of Redis', () => {
  const server = useRedis()
  const set = (settings: Readonly<Record<string, string>>) =>
    Object.entries(settings).map((pair) => server().command('config', 'set', ...pair))
  beforeEach(() => set(SAFE))

  it('warns of nothing where nothing can be lost, and says what it has found', async () => {
    const connection = await connect({ url: server().url }, { production: true })
    expect(connection.warning).to.equal(undefined)
    expect((await connection.health()).durability).to.equal(
      'appendonly yes, appendfsync always, maxmemory-policy noeviction',
    )
    await connection.close()
  })

  for (const { setting, value, risk } of weak) {
    it(`warns of ${setting} ${value} with the risk, and refuses it in production unless relaxed`, async () => {
      set({ [setting]: value })
      const { url } = server()
      const trial = await connect({ url })
      expect(trial.warning).to.match(risk).and.contain(`${setting} is ${value}`)
      await trial.close()

      const refusal = await failure(() => connect({ url }, { production: true }))
      expect(refusal).to.match(risk).and.contain(`${setting} is ${value}`)
      expect(refusal).to.contain('"durability": "relaxed"')

      const relaxed = await connect({ url, durability: 'relaxed' }, { production: true })
      expect(relaxed.warning).to.match(risk)
      await relaxed.close()
    })
  }

  it('says so where the server does not tell, and takes it for a risk', async () => {
    server().command('acl', 'setuser', 'limited', 'on', '>limited', '~*', '+@all', '-config')
    const url = `redis://limited:limited@127.0.0.1:${server().port}`
    const connection = await connect({ url })
    expect(connection.warning).to.contain('the server forbids CONFIG GET')
    await connection.close()
    expect(await failure(() => connect({ url }, { production: true }))).to.contain('forbids CONFIG')
  })

  it('is judged when the server comes later, too', async () => {
    const late = await startRedis({ appendonly: 'no' })
    await late.stop()
    const warnings: string[] = []
    const warn = (warning: string) => warnings.push(warning)
    const open = await connect({ url: late.url, deadline: 500 }, { warn })
    const strict = await connect({ url: late.url, deadline: 500 }, { production: true, warn })
    expect([open.warning, strict.warning]).to.deep.equal([undefined, undefined])
    await late.start()

    await until(async () => (await open.health()).reachable)
    expect(warnings).to.have.length(1)
    expect(warnings[0]).to.contain('appendonly is no')
    await until(async () => /appendonly is no/.test((await strict.health()).problem ?? ''))
    const store = strict.collection('refused', { indexes: [] })
    expect(await failure(async () => store.set('a', '{}'))).to.contain('appendonly is no')

    for (const [setting, value] of Object.entries(SAFE))
      late.command('config', 'set', setting, value)
    await until(async () => (await strict.health()).reachable)
    await store.set('a', '{}')
    await open.close()
    await strict.close()
  })
})

async function until(condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000
  while (!(await condition())) {
    expect(Date.now()).to.be.lessThan(end)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
