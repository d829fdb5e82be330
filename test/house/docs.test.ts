import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { checkAgainst } from '../../engine/policy/schema.ts'
import { standardFilters } from '../../index.ts'
import { testPolicy } from '../../testing.ts'
import { listFiles, ROOT, readText } from './sources.ts'

const pages = listFiles('.', /\.md$/)

interface Block {
  readonly page: string
  readonly value: Record<string, unknown>
}

/** JSON objects that pages show, but for those of docs/writing-filters.md, which the smoke test builds and runs. */
const blocks = pages.flatMap((page) =>
  [...readText(page).matchAll(/^```json\n(\{[\s\S]*?\})\n```$/gm)].map(
    ([, text = '']): Block => ({ page, value: JSON.parse(text) }),
  ),
)
const having = (member: string) => blocks.filter(({ value }) => member in value)

describe('the pages', () => {
  for (const page of pages) {
    it(`link to what is there: ${page}`, () => {
      const targets = [...readText(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)]
      const broken = targets
        .map(([, target = '']) => target)
        .filter((target) => !existsSync(join(ROOT, dirname(page), target)))
      expect(broken).to.deep.equal([])
    })
  }

  it('show nodes whose settings fit their filters', () => {
    const nodes = [
      ...having('filter').map(({ page, value }) => ({ page, node: value })),
      ...having('nodes').flatMap(({ page, value }) =>
        Object.values(value.nodes as object).map((node) => ({ page, node })),
      ),
    ]
    expect(nodes).to.have.length.above(standardFilters.length)
    for (const { page, node } of nodes) {
      const filter = standardFilters.find(({ name }) => name === node.filter)
      expect(filter, `${page}: ${node.filter}`).not.to.equal(undefined)
      const { problems } = checkAgainst(filter?.config ?? {}, node.config ?? {})
      expect(problems, `${page}: ${node.filter}`).to.deep.equal([])
    }
  })

  it('show as shipped what they say is shipped', () => {
    const shown = having('nodes').filter(({ page }) => page === 'README.md')
    for (const { value } of shown) {
      expect(value).to.deep.equal(JSON.parse(readText('policies/oauth/revoke.json')))
    }
  })

  it('teach with a policy that passes the tests shown beside it', async () => {
    const of = (member: string) =>
      having(member).filter(({ page }) => page === 'docs/writing-policies.md')
    const [policy, ...more] = of('nodes')
    const [test] = of('cases')
    expect(more).to.deep.equal([])
    const folder = await mkdtemp(join(tmpdir(), 'sallyport-docs-'))
    try {
      await writeFile(join(folder, 'hello.json'), JSON.stringify(policy?.value))
      await writeFile(join(folder, 'hello.test.json'), JSON.stringify(test?.value))
      await writeFile(join(folder, 'gateway'), JSON.stringify(setUpFor('hello', '/hello')))
      const { cases } = await testPolicy(join(folder, 'hello.json'), {
        config: join(folder, 'gateway'),
        env: { SALLYPORT_TRAFFIC_PORT: '0', SALLYPORT_MANAGEMENT_PORT: '0', SALLYPORT_DATA: '.' },
      })
      expect(cases).to.have.length(2)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

/** The quickstart with one route to one policy. */
function setUpFor(policy: string, path: string): object {
  const { sampleData: _, ...quickstart } = JSON.parse(readText('samples/quickstart/gateway.json'))
  const routes = [{ listener: 'traffic', method: 'GET', path, policy }]
  return { ...quickstart, policies: '.', routes }
}
