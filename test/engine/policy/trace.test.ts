import { expect } from 'chai'
import { formatTrace } from '../../../engine/policy/format-trace.ts'
import { refuse } from '../../../engine/policy/refusal.ts'
import { runProgram } from '../../../engine/policy/run.ts'
import { reveal, Secret } from '../../../engine/policy/secret.ts'
import { buildRequest } from '../../../engine/policy/test-request.ts'
import { traceRun } from '../../../engine/policy/trace.ts'
import { filterOf, programOf, respond, runPolicy } from './by-hand.ts'

const PASSWORD = 'pass word/"1'
const TOKEN = 'token-of-john'

const request = buildRequest(
  {
    method: 'POST',
    path: '/oauth/token',
    basic: `john:${PASSWORD}`,
    form: { token: TOKEN, scope: 'read' },
  },
  new Set(['token']),
)

function leakingProgram() {
  const find = filterOf(function find(message) {
    message.set('subject', 'john')
    message.set('early', 'minted-later')
    message.set('minted', new Secret('minted-later'))
    return 'success'
  })
  const leak = filterOf(function leakSecrets(message) {
    const raw = reveal(message.request.form.token) ?? ''
    message.set('leaks', {
      inText: `the token ${raw}`,
      [raw]: 'a key',
      inList: [PASSWORD, JSON.stringify({ password: PASSWORD }), encodeURIComponent(PASSWORD)],
      inMap: new Map([['token', raw]]),
      error: new Error(`no such token: ${raw}`),
    })
    return refuse('invalid_request', 'no', `the token is ${raw}`)
  })
  const explode = filterOf(function explode(message) {
    message.set('response', { status: 200, headers: { 'x-token': TOKEN }, body: PASSWORD })
    throw new Error(`cannot handle ${TOKEN}`)
  })
  return programOf({
    fault: 'apologise',
    nodes: {
      find: { filter: find, on: { success: 'leak', failure: '@failure' } },
      leak: { filter: leak, on: { success: '@success', failure: 'explode' } },
      explode: { filter: explode, on: { success: '@success', failure: '@failure' } },
      apologise: { filter: respond(500), on: { success: '@failure' } },
    },
  })
}

describe('a trace', () => {
  it('keeps its own words, whatever a client sends as a secret', async () => {
    for (const token of ['e', 'status', 'request', 'find', 'demo/find', 'wrote']) {
      const sent = buildRequest(
        { method: 'POST', path: '/oauth/token', form: { token } },
        new Set(['token']),
      )
      const trace = await traceRun(leakingProgram(), sent)
      expect(trace.steps.map(({ node }) => node)).to.deep.equal([
        'find',
        'leak',
        'explode',
        'apologise',
      ])
      expect(trace.request).to.include.keys('method', 'path', 'form')
      expect(trace.response).to.include({ status: 500 })
      expect(formatTrace(trace)).to.match(/^POST \/oauth\/token through demo\n/)
    }
  })

  it('tells node by node the filter, the outcome and what was written', async () => {
    const { steps, ...trace } = await traceRun(leakingProgram(), request)
    expect(trace).to.include({ policy: 'demo', end: 'failure' })
    expect(steps.map(({ node, outcome }) => `${node}:${outcome}`)).to.deep.equal([
      'find:success',
      'leak:failure',
      'explode:fault',
      'apologise:success',
    ])
    expect(steps[0]?.filter).to.equal('test/find')
    expect(steps[0]?.wrote).to.deep.equal({
      subject: 'john',
      early: '[secret]',
      minted: '[secret]',
    })
    expect(steps[1]?.refusal).to.include({
      code: 'invalid_request',
      detail: 'the token is [secret]',
    })
    expect(steps[2]?.fault).to.deep.equal({ name: 'Error', message: 'cannot handle [secret]' })
    expect(steps[3]?.wrote).to.have.property('response')
  })

  it('holds no secret, neither of the request nor minted on the way, also where it was revealed', async () => {
    const trace = await traceRun(leakingProgram(), request)
    for (const text of [JSON.stringify(trace), formatTrace(trace)]) {
      for (const secret of [TOKEN, PASSWORD, 'minted-later', encodeURIComponent(PASSWORD)]) {
        expect(text).to.not.include(secret)
        expect(text).to.not.include(JSON.stringify(secret).slice(1, -1))
      }
      expect(text).to.not.include(Buffer.from(`john:${PASSWORD}`).toString('base64'))
      expect(text).to.include('[secret]').and.to.include('john')
    }
    expect(trace.request).to.have.deep.property('form', { token: '[secret]', scope: 'read' })
  })

  it('shows a value as it was when it was written', async () => {
    const write = filterOf((message) => {
      message.set('list', ['one'])
      return 'success'
    })
    const change = filterOf((message) => {
      const list = message.get('list') as string[]
      list.push('two')
      return 'success'
    })
    const ends = { success: '@success', failure: '@failure' }
    const nodes = {
      write: { filter: write, on: { ...ends, success: 'change' } },
      change: { filter: change, on: ends },
    }
    const { steps } = await traceRun(programOf({ nodes }), request)
    expect(steps[0]?.wrote).to.deep.equal({ list: ['one'] })
  })

  it('puts what a sub-policy does behind the node that runs it', async () => {
    const ends = { success: '@success', failure: '@failure' }
    const write = filterOf((message) => {
      message.set('found', true)
      return 'success'
    })
    const program = programOf(
      { nodes: { check: { filter: runPolicy, config: { policy: 'child' }, on: ends } } },
      { name: 'child', nodes: { find: { filter: write, on: ends } } },
    )
    const { steps } = await traceRun(program, request)
    expect(steps.map(({ node, wrote }) => ({ node, wrote }))).to.deep.equal([
      { node: 'check', wrote: {} },
      { node: 'check/find', wrote: { found: true } },
    ])
  })

  it('says which steps were abandoned with their sub-policy', async () => {
    const ends = { success: '@success', failure: '@failure' }
    const program = programOf(
      {
        timeLimit: 5,
        nodes: { check: { filter: runPolicy, config: { policy: 'child' }, on: ends } },
      },
      {
        name: 'child',
        nodes: { find: { filter: filterOf(() => new Promise(() => {})), on: ends } },
      },
    )
    const { steps, response } = await traceRun(program, request)
    expect(steps.map(({ node, outcome }) => `${node}:${outcome}`)).to.deep.equal([
      'check:fault',
      'check/find:abandoned',
    ])
    expect(response).to.have.property('status', 503)
  })

  it('is printed a node a paragraph', async () => {
    const text = formatTrace(await traceRun(leakingProgram(), request))
    const lines = text.replace(/\d+\.\d+ ms/g, '0 ms').split('\n')
    expect(lines[0]).to.equal('POST /oauth/token through demo')
    expect(lines[1]).to.equal('  find       test/find         success  0 ms')
    expect(lines[2]).to.equal('    subject = "john"')
    expect(lines.at(-1)).to.equal('@failure 500 after 0 ms')
  })

  it('changes nothing about the run', async () => {
    const run = await runProgram(leakingProgram(), request)
    const trace = await traceRun(leakingProgram(), request)
    expect(trace.response).to.deep.equal(run.response)
  })
})
