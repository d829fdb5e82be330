import { join } from 'node:path'
import { expect } from 'chai'
import { tryPolicy } from '../../engine/gateway/trial.ts'
import { formatFinding } from '../../engine/policy/finding.ts'
import { coverEdges } from '../../engine/policy/testing/coverage.ts'
import { formatTestReport } from '../../engine/policy/testing/format-test-report.ts'
import { readPolicyTest, type TestReport } from '../../engine/policy/testing/policy-test.ts'
import { checkSetUp } from '../../index.ts'
import { listFiles, ROOT, readText } from './sources.ts'

const env = {
  SALLYPORT_TRAFFIC_PORT: '0',
  SALLYPORT_MANAGEMENT_PORT: '0',
  SALLYPORT_DATA: './data',
  POSTGRES_URL: 'postgresql://127.0.0.1/sallyport',
  REDIS_URL: 'redis://127.0.0.1',
}

const check = (config: string) => checkSetUp({ config: join(ROOT, config), env })

describe('the shipped set-ups', () => {
  for (const config of listFiles('samples', /^gateway\.json$/)) {
    it(`lint clean: ${config}`, async () => {
      const { findings } = await check(config)
      expect(findings.map(formatFinding)).to.deep.equal([])
    })
  }
})

describe('the shipped policies', () => {
  it('are all in the quickstart, each with tests beside it', async () => {
    const { policies } = await check('samples/quickstart/gateway.json')
    const names = (pattern: RegExp) =>
      listFiles('policies', pattern).map((path) =>
        path.replace(/^policies\/|(\.test)?\.json$/g, ''),
      )
    expect([...policies.keys()].sort()).to.deep.equal(names(/^[^.]+\.json$/))
    expect(names(/\.test\.json$/)).to.deep.equal(names(/^[^.]+\.json$/))
  })

  it('pass their tests, and no edge is left unwalked', async () => {
    const checked = await check('samples/quickstart/gateway.json')
    const reports: TestReport[] = []
    for (const name of checked.policies.keys()) {
      const file = `policies/${name}.test.json`
      reports.push(await tryPolicy(checked, name, readPolicyTest(file, readText(file))))
    }
    const failed = reports.filter(({ cases }) => cases.some((one) => one.differences.length > 0))
    expect(failed.map(formatTestReport).join('\n')).to.equal('')
    const walks = reports.flatMap((report) => report.walks)
    const unwalked = [...checked.policies.values()].flatMap((policy) =>
      coverEdges(policy, walks).unwalked.map((edge) => `${policy.name} ${edge}`),
    )
    expect(unwalked).to.deep.equal([])
  })
})
