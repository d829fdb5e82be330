import { expect } from 'chai'
import type { Page } from '../../engine/stores/contract.ts'
import type { Row } from '../../engine/stores/store.ts'
import type { Token } from '../../oauth/records.ts'
import type { Model, ModelToken } from './model.ts'
import type { OAuth } from './open-oauth.ts'

export const OWNERS = ['john', 'jane'] as const

type ListPage = (page: { limit: number; cursor?: string }) => Promise<Page<Row<Token>>>

/** Holds everything that can be seen of the real thing against the model. */
export async function compare(model: Model, real: OAuth): Promise<void> {
  await compareClients(model, real)
  await compareTokens(model, real)
  await compareAuthorizations(model, real)
  await compareLists(model, real)
}

async function compareClients(model: Model, real: OAuth): Promise<void> {
  for (const client of model.clients) {
    const found = await real.registry.find(client.id)
    expect(found !== undefined, `${client.id} is registered`).to.equal(client.present)
    if (found) expect(await real.registry.findByNumber(found.number)).to.deep.equal(found)
    for (const { text, until } of client.secrets) {
      const isValid = client.present && client.enabled && model.now < until
      const { client: authenticated } = await real.registry.authenticate(client.id, text)
      expect(authenticated !== undefined, `${client.id} authenticates`).to.equal(isValid)
    }
  }
}

async function compareTokens(model: Model, real: OAuth): Promise<void> {
  for (const [place, token] of model.tokens.entries()) {
    const found = await real.store.lookUp(token.text)
    const name = `token ${place} (${token.kind} of ${token.client.id})`
    expect(found.alive, `${name} is alive`).to.equal(model.isAlive(token))
    expect(found.token !== undefined || token.expires <= model.now, `${name} is known`).to.equal(
      !token.deleted || token.expires <= model.now,
    )
    if (found.alive)
      expect(sorted(found.scopes), `scopes of ${name}`).to.deep.equal(sorted(token.scopes))
  }
}

async function compareAuthorizations(model: Model, real: OAuth): Promise<void> {
  for (const application of applicationsOf(model)) {
    for (const owner of OWNERS) {
      const expected = model.find(application, owner)
      const found = await real.store.authorizations.find(application, owner)
      const seen = found && {
        granted: sorted(Object.keys(found.granted)),
        consented: sorted(found.consented),
        tokensUntil: found.tokensUntil,
      }
      const wanted = expected && {
        granted: sorted(expected.granted),
        consented: sorted(expected.consented),
        tokensUntil: expected.tokensUntil,
      }
      expect(seen, `authorization of ${application} and ${owner}`).to.deep.equal(wanted)
      if (found === undefined) continue
      const living = model.tokens.filter((token) => token.authorization === expected)
      await compareList(model, living, `tokens of ${application} and ${owner}`, (page) =>
        real.store.listByAuthorization(found.id, page),
      )
    }
  }
}

async function compareLists(model: Model, real: OAuth): Promise<void> {
  for (const client of model.clients) {
    const tokens = model.tokens.filter((token) => token.client === client)
    await compareList(model, tokens, `tokens of ${client.id}`, (page) =>
      real.store.listByClient(client.id, page),
    )
  }
  for (const owner of OWNERS) {
    const tokens = model.tokens.filter((token) => token.authorization?.owner === owner)
    await compareList(model, tokens, `tokens of ${owner}`, (page) =>
      real.store.listByOwner(owner, page),
    )
  }
}

async function compareList(
  model: Model,
  tokens: ModelToken[],
  name: string,
  list: ListPage,
): Promise<void> {
  const listed: string[] = []
  let cursor: string | undefined
  do {
    const page = await list(cursor === undefined ? { limit: 3 } : { limit: 3, cursor })
    listed.push(...page.items.map((row) => row.key))
    cursor = page.next
  } while (cursor !== undefined)
  const living = tokens.filter((token) => model.isAlive(token)).map((token) => token.id)
  expect(sorted(listed), name).to.deep.equal(sorted(living))
}

function applicationsOf(model: Model): string[] {
  return [...new Set(model.clients.map((client) => client.application))]
}

function sorted(texts: Iterable<string>): string[] {
  return [...texts].sort()
}
