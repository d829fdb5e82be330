import { Ajv } from 'ajv'
import { expect } from 'chai'
import { GATEWAY_CODES } from '../../engine/gateway/codes.ts'
import { LINT_CODES } from '../../engine/policy/lint/lint-codes.ts'
import { TEST_CODES } from '../../engine/policy/testing/test-codes.ts'
import { oauthErrors } from '../../oauth/index.ts'
import { generatedFiles } from '../../scripts/generated-files.ts'
import { listFiles, readText, sources } from './sources.ts'

const tables = ['lint-codes.ts', 'codes.ts', 'test-codes.ts']
const isTable = (path: string) => tables.some((name) => path.endsWith(`/${name}`))

describe('what is generated', () => {
  it('equals what the generator writes now (npm run generate)', async () => {
    const files = await generatedFiles()
    const stale = files.filter(({ path, text }) => readText(path) !== text)
    expect(stale.map(({ path }) => path)).to.deep.equal([])
  }).timeout(60_000)

  for (const { schema, files } of [
    { schema: 'policy', files: policyFiles() },
    { schema: 'policy-test', files: listFiles('policies', /\.test\.json$/) },
    { schema: 'gateway', files: listFiles('samples', /^gateway\.json$/) },
  ]) {
    it(`admits in an editor what is shipped: schemas/${schema}.json`, () => {
      const validate = new Ajv({ strictSchema: true, strictRequired: false }).compile(
        JSON.parse(readText(`schemas/${schema}.json`)),
      )
      expect(files).not.to.deep.equal([])
      for (const file of files) {
        expect(validate(JSON.parse(readText(file))), `${file}: ${JSON.stringify(validate.errors)}`)
          .to.be.true
      }
    })
  }
})

describe('the codes of errors', () => {
  const code = sources.filter(({ path }) => !isTable(path))
  const text = code.map((source) => source.code).join('\n')
  const known = { ...LINT_CODES, ...GATEWAY_CODES, ...TEST_CODES }

  it('are all used somewhere', () => {
    // These are put together by `unknownCode`.
    const composed = /^unknown-(policy|store|table|listener)$/
    const unused = Object.keys(known).filter((name) => !text.includes(`'${name}'`))
    expect(unused.filter((name) => !composed.test(name))).to.deep.equal([])
  })

  it('are all documented', () => {
    const used = text.matchAll(
      /(?:\bcode: |[fF]inding\(\s*(?:json, )?|\breport\(\w+, |\breturn \[)'([a-z]+(?:-[a-z]+)+|cycle)'/g,
    )
    const names = [...new Set([...used].map(([, name]) => name))]
    expect(names).to.include.members(['bad-setting', 'bad-mock', 'duplicate-key', 'create-failed'])
    expect(names.filter((name) => name !== undefined && !(name in known))).to.deep.equal([])
  })

  it('are, where a filter refuses, those of the table', () => {
    const filters = code.filter(({ path }) => path.startsWith('filters/'))
    const steps = filters.map((source) => source.code).join('\n')
    const refused = [...steps.matchAll(/\brefuse\(\s*'([a-z_]+)'/g)].map(([, name]) => name ?? '')
    expect(refused).not.to.deep.equal([])
    expect(refused.filter((name) => !(name in oauthErrors))).to.deep.equal([])
  })
})

function policyFiles(): readonly string[] {
  return listFiles('policies', /\.json$/).filter((path) => !path.endsWith('.test.json'))
}
