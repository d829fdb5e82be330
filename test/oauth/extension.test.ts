import { expect } from 'chai'
import type { GatewayConfig } from '../../engine/gateway/config.ts'
import { openTables, type Tables } from '../../engine/gateway/tables.ts'
import { memoryKeyRing } from '../../engine/kps/key-ring.ts'
import { checkAgainst } from '../../engine/policy/schema.ts'
import type { Connection } from '../../engine/stores/contract.ts'
import { openConnection } from '../../engine/stores/open.ts'
import { oauthExtension, type TokenStoreEntry } from '../../oauth/extension.ts'

const TABLES = {
  Clients: { store: 'main', indexed: [] },
  Authorizations: { store: 'main', indexed: [] },
  Families: { store: 'main', indexed: [] },
}
const ENTRY = {
  store: 'main',
  registry: 'Clients',
  authorizations: 'Authorizations',
  families: 'Families',
}

describe('The OAuth extension', () => {
  let time = Date.UTC(2026, 0, 1)
  const now = () => time
  const warnings: object[] = []
  const log = {
    debug: () => {},
    info: () => {},
    warn: (fields: object) => void warnings.push(fields),
    error: () => {},
  }
  let connection: Connection
  let tables: Tables
  beforeEach(async () => {
    connection = await openConnection('main', { adapter: 'memory' }, { now })
    useStore(connection)
  })
  afterEach(() => connection.close())

  function useStore(store: Connection): void {
    const config = { tables: TABLES, stores: { main: { adapter: 'memory' } } }
    tables = openTables(config as unknown as GatewayConfig, new Map([['main', store]]), now)
  }

  function open(entries: Record<string, object>) {
    const context = { ...tables.contextFor('tokenStores'), log, now, keys: memoryKeyRing() }
    const { schema } = oauthExtension
    const filled = Object.entries(entries).map(([name, entry]) => {
      const { value, problems } = checkAgainst(schema, entry)
      expect(problems).to.deep.equal([])
      return [name, value as TokenStoreEntry] as const
    })
    const { services, load } = oauthExtension.open(Object.fromEntries(filled), context)
    const { clients, tokens } = services
    if (clients === undefined || tokens === undefined) throw new Error('a service is missing')
    return { clients, tokens, load }
  }
  const messageOf = (work: () => unknown) => {
    try {
      work()
      return 'no failure'
    } catch (error) {
      return (error as Error).message
    }
  }
  const app = { clientId: 'app', type: 'confidential', secret: 'sample-secret', scopes: ['read'] }

  it('needs no more than the names, and purges every minute', () => {
    open({ Tokens: ENTRY })
    expect(
      tables.purges().map(({ store, everySeconds }) => [store.name, everySeconds]),
    ).to.deep.equal([
      ['Tokens', 60],
      ['Tokens (codes)', 60],
      ['Families', 60],
      ['Tokens (dead)', 60],
    ])
  })

  it('refuses a setting that it does not know, or that is missing', () => {
    const problemsOf = (entry: object) =>
      checkAgainst(oauthExtension.schema, entry).problems.map(({ pointer }) => pointer)
    expect(problemsOf({ ...ENTRY, purgeEvery: 1 })).to.deep.equal(['/purgeEvery'])
    expect(problemsOf({ ...ENTRY, keepExpired: -1 })).to.deep.equal(['/keepExpired'])
    const { registry, ...rest } = ENTRY
    expect(problemsOf(rest), registry).to.have.length(1)
  })

  it('names the token store and the table that it lacks', () => {
    expect(messageOf(() => open({ Tokens: { ...ENTRY, families: 'Nowhere' } }))).to.equal(
      'token store "Tokens" names "Nowhere" as its families, which cannot be used: there is no table "Nowhere"; declare it under "tables"',
    )
  })

  it('takes no table for two uses', () => {
    expect(messageOf(() => open({ Tokens: { ...ENTRY, families: 'Clients' } }))).to.match(
      /names "Clients" as its registry, .*for two different uses; give each use a table of its own$/,
    )
  })

  it('knows token stores by name, and names them where one is unknown', () => {
    const { tokens } = open({ Tokens: ENTRY, Others: ENTRY })
    expect(tokens('Tokens')).to.equal(tokens('Tokens'))
    expect(messageOf(() => tokens('Token'))).to.equal(
      'there is no token store "Token"; tokenStores has "Tokens", "Others"',
    )
    expect(messageOf(() => open({}).tokens('Token'))).to.match(/tokenStores has none$/)
  })

  it('keeps the tokens of two stores apart, though they share clients', async () => {
    const { clients, tokens, load } = open({ Tokens: ENTRY, Others: ENTRY })
    await load({ clients: { Clients: [app] } })
    const client = await clients('Clients').find('app')
    if (client === undefined) throw new Error('the client was not loaded')
    const request = { kind: 'access', client, scopes: [], lifetime: 60 } as const
    const text = (await tokens('Tokens').issue(request)).token.reveal()
    expect((await tokens('Tokens').lookUp(text)).alive).to.equal(true)
    expect((await tokens('Others').lookUp(text)).alive).to.equal(false)
  })

  it('sweeps, at the purge, the dead of every store that hangs on what has ended', async () => {
    const { clients, tokens, load } = open({ Tokens: ENTRY, Others: ENTRY })
    const sample = { token: 'a-token-of-john', client: 'app', owner: 'john', expiresIn: 600 }
    const all = { Tokens: [sample], Others: [sample] }
    const sweeps = tables.purges().filter(({ store }) => store.name.endsWith('(dead)'))
    const sweepAll = async () => {
      time += 60_000
      return Promise.all(sweeps.map(({ store }) => store.purgeExpired(1000)))
    }
    await load({ clients: { Clients: [app] }, tokens: all })
    await tokens('Tokens').authorizations.revoke('app', 'john')
    expect(await sweepAll()).to.deep.equal([1, 1])
    await load({ tokens: all })
    expect(await clients('Clients').remove('app')).to.equal(true)
    expect(await sweepAll()).to.deep.equal([1, 1])
  })

  it('logs the reuse of a refresh token, without the token', async () => {
    const { clients, tokens, load } = open({ Tokens: ENTRY })
    const sample = { token: 'refresh-token-of-app', kind: 'refresh', client: 'app', expiresIn: 60 }
    await load({ clients: { Clients: [app] }, tokens: { Tokens: [sample] } })
    const client = await clients('Clients').find('app')
    if (client === undefined) throw new Error('the client was not loaded')
    const terms = { accessLifetime: 60, refreshLifetime: 60 }
    await tokens('Tokens').refresh(sample.token, client, terms)
    await tokens('Tokens').refresh(sample.token, client, terms)
    const [warning] = warnings.splice(0)
    expect(warning).to.include({ event: 'refresh-token-reuse', client: 'app' })
    expect(JSON.stringify(warning)).not.to.include(sample.token)
  })

  describe('loading samples', () => {
    const tokenOf = (rest: object = {}) => ({
      token: 'token-of-app',
      client: 'app',
      scopes: ['read'],
      expiresIn: 60,
      ...rest,
    })
    const given = (...samples: object[]) => ({
      clients: { Clients: [app] },
      tokens: { Tokens: samples },
      users: { whatever: 'another section holds' },
    })
    const failure = (work: Promise<unknown>) =>
      work.then(
        () => 'no failure',
        (error: Error) => error.message,
      )

    it('creates clients and tokens that work', async () => {
      const { clients, tokens, load } = open({ Tokens: ENTRY })
      await load(given(tokenOf({ metadata: { tier: 'gold' } })))
      const { client } = await clients('Clients').authenticate('app', 'sample-secret')
      expect(client).to.include({ clientId: 'app', name: 'app' })
      const found = await tokens('Tokens').lookUp('token-of-app')
      expect(found).to.deep.include({ alive: true, scopes: ['read'] })
      expect(found.token).to.deep.include({ kind: 'access', metadata: { tier: 'gold' } })
    })

    it('gives tokens of an owner their authorization, and refresh tokens their family', async () => {
      const { tokens, load } = open({ Tokens: ENTRY })
      await load(given(tokenOf({ owner: 'john', kind: 'refresh' })))
      const found = await tokens('Tokens').lookUp('token-of-app')
      expect(found).to.deep.include({ alive: true, scopes: ['read'] })
      expect(await tokens('Tokens').authorizations.find('app', 'john')).to.deep.include({
        consented: [],
      })
    })

    it('changes nothing that is there, however often it is repeated', async () => {
      const { clients, tokens, load } = open({ Tokens: ENTRY })
      await load(given(tokenOf()))
      const before = await clients('Clients').find('app')
      const token = await tokens('Tokens').lookUp('token-of-app')
      await load({
        clients: { Clients: [{ ...app, secret: 'another-secret', name: 'changed' }] },
        tokens: { Tokens: [tokenOf({ scopes: [], expiresIn: 9 })] },
      })
      expect(await clients('Clients').find('app')).to.deep.equal(before)
      expect(await tokens('Tokens').lookUp('token-of-app')).to.deep.equal(token)
    })

    for (const collection of ['tables:Families', 'tokenStores:Tokens', 'tables:Authorizations']) {
      it(`makes whole, when it is repeated, what ended before it wrote ${collection}`, async () => {
        useStore(refusingWrites(connection, collection))
        const data = given(tokenOf({ owner: 'john', kind: 'refresh', family: 'one' }))
        expect(await failure(open({ Tokens: ENTRY }).load(data))).to.include('the lights went out')
        useStore(connection)
        const { tokens, load } = open({ Tokens: ENTRY })
        await load(data)
        expect(await tokens('Tokens').lookUp('token-of-app')).to.include({ alive: true })
      })
    }

    it('makes expired tokens where these are kept', async () => {
      const { tokens, load } = open({ Tokens: { ...ENTRY, keepExpired: 100 } })
      await load(given(tokenOf({ expiresIn: -50 })))
      expect(await tokens('Tokens').lookUp('token-of-app')).to.include({
        alive: false,
        reason: 'expired',
      })
    })

    it('says how expired tokens could be kept, where they are not', async () => {
      const { load } = open({ Tokens: ENTRY })
      expect(await failure(load(given(tokenOf({ expiresIn: -50 }))))).to.equal(
        'sample data /tokens/Tokens: a token of client "app" has expired and cannot be kept; set keepExpired on the token store above 50',
      )
    })

    it('says what is wrong, where, and never the token', async () => {
      const { load } = open({ Tokens: ENTRY })
      const cases: [object, RegExp][] = [
        [{ tokens: { Tokens: [tokenOf({ client: 'nobody' })] } }, /no client "nobody"/],
        [{ tokens: { Token: [tokenOf()] } }, /no token store "Token"; tokenStores has "Tokens"/],
        [{ tokens: { Tokens: [tokenOf({ expires: 1 })] } }, /\/tokens\/Tokens\/0\/expires/],
        [{ tokens: { Tokens: [tokenOf({ kind: 'id' })] } }, /\/tokens\/Tokens\/0\/kind/],
        [{ clients: { Clients: [{ clientId: 'x' }] } }, /\/clients\/Clients\/0/],
        [{ clients: { Clients: [{ ...app, secret: 7 }] } }, /\/clients\/Clients\/0\/secret/],
        [{ clients: { Nowhere: [app] } }, /no table "Nowhere"/],
        [
          { clients: { Clients: [{ ...app, clientId: 'x', grant: [] }] } },
          /"grant" is no property/,
        ],
      ]
      for (const [data, message] of cases) {
        const said = await failure(load(data as Record<string, unknown>))
        expect(said).to.match(message).and.not.to.include('token-of-app')
      }
    })
  })
})

/** The same store, but nothing can be written to one of its collections. */
function refusingWrites(connection: Connection, name: string): Connection {
  return {
    ...connection,
    collection(wanted, options) {
      const adapter = connection.collection(wanted, options)
      if (wanted !== name) return adapter
      return { ...adapter, update: () => Promise.reject(new Error('the lights went out')) }
    },
  }
}
