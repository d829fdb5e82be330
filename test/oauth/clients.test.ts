import { expect } from 'chai'
import type { Secret } from '../../engine/policy/secret.ts'
import { clientRegistry } from '../../oauth/clients.ts'
import type { Client } from '../../oauth/records.ts'
import type { Registration } from '../../oauth/registration.ts'
import { RegistrationError } from '../../oauth/registration.ts'
import { type OAuth, openOAuth } from './open-oauth.ts'

describe('A client registry', () => {
  let oauth: OAuth
  beforeEach(async () => {
    oauth = await openOAuth()
  })
  afterEach(() => oauth.close())

  const register = (registration: Partial<Registration>) =>
    oauth.registry.register({ type: 'confidential', ...registration })
  const failure = (work: Promise<unknown>) =>
    work.then(
      () => 'no failure',
      (error: unknown) => {
        if (error instanceof RegistrationError) return `${error.code}: ${error.message}`
        throw error
      },
    )
  const authenticates = async (clientId: string, secret?: Secret | string) => {
    const text = typeof secret === 'string' ? secret : secret?.reveal()
    const { client, because } = await oauth.registry.authenticate(clientId, text)
    return client?.clientId ?? because
  }

  describe('registering', () => {
    it('fills in what is not given', async () => {
      const { client } = await register({ clientId: 'app' })
      const { number, epoch, secrets, created, ...rest } = client
      expect(rest).to.deep.equal({
        clientId: 'app',
        type: 'confidential',
        applicationId: 'app',
        name: 'app',
        redirectUris: [],
        grants: [],
        scopes: [],
        defaultScopes: [],
        apis: [],
        privileges: [],
        enabled: true,
        updated: created,
      })
      expect(created).to.equal(oauth.now())
      expect(secrets).to.have.length(1)
      expect(await oauth.registry.find('app')).to.deep.equal(client)
      expect(await oauth.registry.findByNumber(number)).to.deep.equal(client)
      expect(epoch).to.match(/^[\w-]{22}$/)
    })

    it('makes an id and a secret that are shown once, and keeps no secret', async () => {
      const { client, secret } = await register({})
      expect(secret?.reveal()).to.match(/^[\w-]{43}$/)
      expect(JSON.stringify({ client, secret })).not.to.include(secret?.reveal())
      expect(await authenticates(client.clientId, secret)).to.equal(client.clientId)
    })

    it('gives a public client no secret, and takes none from it', async () => {
      const registered = await register({ clientId: 'app', type: 'public' })
      expect(registered).to.have.all.keys('client')
      expect(registered.client.secrets).to.deep.equal([])
      const given = { clientId: 'b', type: 'public', secret: 'sample-secret' } as const
      expect(await failure(register(given))).to.equal(
        'invalid_client_metadata: client "b" is public and can hold no secret; register it as confidential, or without one',
      )
    })

    it('refuses an id that exists and leaves the client there alone', async () => {
      const { client } = await register({ clientId: 'app' })
      expect(await failure(register({ clientId: 'app', name: 'thief' }))).to.match(
        /^client_exists: client "app" exists already in clients; choose another id/,
      )
      expect(await oauth.registry.find('app')).to.deep.equal(client)
    })

    it('lets one of 20 win who register the same id at once', async () => {
      const all = await Promise.all(
        Array.from({ length: 20 }, () => failure(register({ clientId: 'app' }))),
      )
      expect(all.filter((outcome) => outcome === 'no failure')).to.have.length(1)
    })

    for (const [what, wrong, message] of [
      ['an id with a space', { clientId: 'a b' }, 'clientId must be 1 to 200'],
      ['an empty id', { clientId: '' }, 'clientId must be 1 to 200'],
      ['a long id', { clientId: 'a'.repeat(201) }, 'clientId must be 1 to 200'],
      ['an id of other letters', { clientId: 'käse' }, 'clientId must be 1 to 200'],
      ['an unknown type', { type: 'secret' as never }, 'type must be "confidential" or "public"'],
      ['a bad application', { applicationId: 'a\n' }, 'applicationId must be'],
      ['a long name', { name: 'a'.repeat(201) }, 'name must be text of at most 200'],
      ['a name with NUL', { name: 'a\0b' }, 'name must be text'],
      ['a name with half a character', { name: 'a\ud800' }, 'name must be text'],
      ['a name that is none', { name: 7 as never }, 'name must be text'],
      ['a long description', { description: 'a'.repeat(2001) }, 'description must be text'],
      ['a bad grant', { grants: ['a b'] }, 'grants must be a list'],
      ['too many grants', { grants: Array(101).fill('a') }, 'grants must be a list'],
      ['privileges that are no list', { privileges: 'all' as never }, 'privileges must be a list'],
      ['a bad scope', { scopes: ['a"b'] }, 'scopes must be a list'],
      ['a foreign default', { scopes: ['a'], defaultScopes: ['a', 'b'] }, 'among its scopes: b;'],
      ['a short secret', { secret: 'short' }, 'needs a secret of 8 to 1000'],
      ['a secret with NUL', { secret: 'long-enough\0' }, 'needs a secret of 8 to 1000'],
      ['a state that is none', { enabled: 'yes' as never }, 'enabled must be true or false'],
      ['a property misspelt', { redirectUri: 'x' } as never, '"redirectUri" is no property'],
    ] as [string, Partial<Registration>, string][]) {
      it(`refuses ${what}`, async () => {
        const said = await failure(register({ clientId: 'app', ...wrong }))
        expect(said)
          .to.match(/^invalid_client_metadata: client /)
          .and.to.include(message)
          // Neither survives on the way to the client (RFC 6749, section 5.2).
          .and.not.to.match(/""[^:]|§/)
        expect((await oauth.registry.list({ limit: 10 })).items).to.deep.equal([])
      })
    }

    for (const uri of [
      '/callback',
      'https://app.example/cb#part',
      'https://app.example/cb#',
      'https://app.example/a b',
      'javascript:alert(1)',
      'JavaScript:alert(1)',
      'data:text/html,x',
      'nowhere',
      '',
      `https://app.example/${'a'.repeat(2000)}`,
    ]) {
      it(`refuses the redirect URI ${JSON.stringify(uri.slice(0, 40))}`, async () => {
        const said = await failure(register({ redirectUris: ['https://app.example/', uri] }))
        expect(said).to.match(/^invalid_redirect_uri: client "/)
      })
    }

    it('takes redirect URIs of web, loopback and native applications', async () => {
      const redirectUris = [
        'https://app.example/cb?x=1',
        'http://127.0.0.1:8080/cb',
        'com.example.app:/oauth',
      ]
      expect((await register({ redirectUris })).client.redirectUris).to.deep.equal(redirectUris)
    })
  })

  describe('authenticating', () => {
    beforeEach(async () => {
      await register({ clientId: 'app', secret: 'sample-secret' })
      await register({ clientId: 'native', type: 'public' })
    })

    it('takes the secret and nothing else', async () => {
      expect(await authenticates('app', 'sample-secret')).to.equal('app')
      for (const [id, secret] of [
        ['app', 'wrong-secret'],
        ['app', ''],
        ['app', undefined],
        ['nobody', 'sample-secret'],
        ['native', 'sample-secret'],
        ['a'.repeat(5000), 'sample-secret'],
        ['app\0', 'sample-secret'],
        ['', ''],
      ] as const) {
        expect(await authenticates(id, secret)).to.equal('unknown or wrong')
      }
    })

    it('does the same work for a client that nobody registered as for a wrong secret', async () => {
      const asked: string[] = []
      const ring = {
        ...oauth.ring,
        hmac(key: string, purpose: string, text: string) {
          asked.push(`${key} ${purpose} ${text.length}`)
          return oauth.ring.hmac(key, purpose, text)
        },
      }
      const watched = clientRegistry(oauth.records.clients, {
        ring,
        now: oauth.now,
        announce: oauth.announce,
      })
      for (const id of ['app', 'abc']) await watched.authenticate(id, 'wrong-secret')
      expect(asked).to.have.length(2)
      expect(asked[0]).to.equal(asked[1])
    })

    it('lets a public client identify itself without a secret, or with an empty one', async () => {
      expect(await authenticates('native')).to.equal('native')
      expect(await authenticates('native', '')).to.equal('native')
    })

    it('says that a client is disabled only to who knows the secret', async () => {
      await oauth.registry.setEnabled('app', false)
      expect(await authenticates('app', 'sample-secret')).to.equal('disabled')
      expect(await authenticates('app', 'wrong-secret')).to.equal('unknown or wrong')
      await oauth.registry.setEnabled('app', true)
      expect(await authenticates('app', 'sample-secret')).to.equal('app')
    })
  })

  describe('changing secrets', () => {
    const seconds = (count: number) => oauth.now() + count * 1000

    it('lets old and new overlap until the old one ends', async () => {
      await register({ clientId: 'app', secret: 'sample-secret' })
      const added = await oauth.registry.addSecret('app', { othersUntil: seconds(60) })
      expect(await authenticates('app', 'sample-secret')).to.equal('app')
      expect(await authenticates('app', added?.secret)).to.equal('app')
      oauth.wait(60)
      expect(await authenticates('app', 'sample-secret')).to.equal('unknown or wrong')
      expect(await authenticates('app', added?.secret)).to.equal('app')
    })

    it('does not let a secret live longer because another one ends later', async () => {
      await register({ clientId: 'app', secret: 'sample-secret' })
      await oauth.registry.addSecret('app', { secret: 'second-secret', until: seconds(10) })
      await oauth.registry.addSecret('app', { secret: 'third-secret', othersUntil: seconds(60) })
      oauth.wait(10)
      expect(await authenticates('app', 'second-secret')).to.equal('unknown or wrong')
      expect(await authenticates('app', 'sample-secret')).to.equal('app')
    })

    it('refuses a sixth valid secret and counts no ended one', async () => {
      await register({ clientId: 'app' })
      const add = () => oauth.registry.addSecret('app', { until: seconds(60) })
      for (let time = 0; time < 4; time += 1) await add()
      expect(await failure(add())).to.match(/has 5 valid secrets, the most it may have; remove one/)
      oauth.wait(60)
      expect(await failure(add())).to.equal('no failure')
      expect((await oauth.registry.find('app'))?.secrets).to.have.length(2)
    })

    it('keeps every secret that is added at once', async () => {
      await register({ clientId: 'app', secret: 'sample-secret' })
      const all = ['one', 'two', 'three', 'four'].map((name) => `secret-number-${name}`)
      await Promise.all(all.map((secret) => oauth.registry.addSecret('app', { secret })))
      for (const secret of ['sample-secret', ...all]) {
        expect(await authenticates('app', secret), secret).to.equal('app')
      }
    })

    it('takes one away by its id', async () => {
      const { client } = await register({ clientId: 'app', secret: 'sample-secret' })
      await oauth.registry.addSecret('app', { secret: 'second-secret' })
      await oauth.registry.removeSecret('app', client.secrets[0]?.id ?? '')
      expect(await authenticates('app', 'sample-secret')).to.equal('unknown or wrong')
      expect(await authenticates('app', 'second-secret')).to.equal('app')
    })

    it('has nothing to say about a client that is not there', async () => {
      expect(await oauth.registry.addSecret('nobody')).to.equal(undefined)
      expect(await oauth.registry.removeSecret('nobody', 'x')).to.equal(undefined)
      for (const nobody of ['nobody', '', '.', '..', 'x'.repeat(5000), 'app\0', '\ud800']) {
        expect(await oauth.registry.setEnabled(nobody, true)).to.equal(undefined)
        expect(await oauth.registry.removeSecret(nobody, 'any')).to.equal(undefined)
      }
      expect(await oauth.registry.remove('nobody')).to.equal(false)
    })
  })

  describe('making anew', () => {
    it('gives a replaced client a new epoch and secret and leaves its number', async () => {
      const { client: before } = await register({ clientId: 'app', secret: 'sample-secret' })
      const { client } = await oauth.registry.replace({ clientId: 'app', type: 'confidential' })
      expect(client.epoch).not.to.equal(before.epoch)
      expect(client.number).to.equal(before.number)
      expect(await authenticates('app', 'sample-secret')).to.equal('unknown or wrong')
    })

    it('restores an export with its secrets, under a new epoch', async () => {
      const { client: before } = await register({ clientId: 'app', secret: 'sample-secret' })
      await oauth.registry.remove('app')
      const restored = await oauth.registry.restore(before)
      const { epoch, ...same } = before
      expect(restored).to.deep.include(same).and.not.to.include({ epoch })
      expect(await authenticates('app', 'sample-secret')).to.equal('app')
    })

    it('gives a restored client another number if its own has gone to another', async () => {
      const { client: before } = await register({ clientId: 'app' })
      await oauth.registry.remove('app')
      const other: Client = { ...before, clientId: 'other' }
      await oauth.registry.restore(other)
      const restored = await oauth.registry.restore(before)
      expect(restored.number).not.to.equal(before.number)
      expect((await oauth.registry.findByNumber(before.number))?.clientId).to.equal('other')
    })

    it('refuses to restore what could not have been registered', async () => {
      const { client } = await register({ clientId: 'app' })
      const broken = { ...client, redirectUris: ['javascript:alert(1)'] }
      expect(await failure(oauth.registry.restore(broken))).to.match(/^invalid_redirect_uri/)
    })
  })

  it('lists clients page by page, and by application', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e']
    for (const clientId of ids) {
      await register({ clientId, applicationId: clientId < 'c' ? 'shop' : clientId })
    }
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await oauth.registry.list({ limit: 2, ...(cursor !== undefined && { cursor }) })
      seen.push(...page.items.map((client) => client.clientId))
      cursor = page.next
    } while (cursor !== undefined)
    expect(seen).to.deep.equal(ids)
    const shop = await oauth.registry.listByApplication('shop', { limit: 10 })
    expect(shop.items.map((client) => client.clientId)).to.deep.equal(['a', 'b'])
  })
})
