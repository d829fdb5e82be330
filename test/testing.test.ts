import { AssertionError } from 'node:assert'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { connect } from '../engine/stores/memory.ts'
import { defineFilter } from '../index.ts'
import {
  type Connection,
  type StoreUnderTest,
  storeContract,
  testFilter,
  testPolicy,
} from '../testing.ts'

const greet = defineFilter({
  name: 'demo/greet',
  summary: 'Greets whoever asks.',
  config: {
    type: 'object',
    properties: { word: { type: 'string', default: 'Hello', description: 'The greeting.' } },
    additionalProperties: false,
  },
  outcomes: ['success'],
  reads: ['request'],
  writes: { success: ['greeting'] },
  create({ word }) {
    return function greetOnce(message) {
      message.set('greeting', `${word}, ${message.request.params.name ?? 'you'}`)
      return 'success'
    }
  },
})

const policy = {
  description: 'Greet',
  start: 'greet',
  nodes: {
    greet: { filter: 'demo/greet', on: { success: 'tell' } },
    tell: {
      filter: 'http/respond-json',
      config: { body: { greeting: { var: 'greeting' } } },
      on: { success: '@success' },
    },
  },
}

const gateway = {
  listeners: { traffic: { port: 0 } },
  stores: { main: { adapter: 'memory' } },
  policies: 'policies',
  routes: [{ listener: 'traffic', method: 'GET', path: '/hello/:name', policy: 'hello' }],
}

const policyTest = (greeting: string) => ({
  cases: [
    {
      name: 'it greets by name',
      request: { method: 'GET', path: '/hello/jane', params: { name: 'jane' } },
      expect: { status: 200, body: { greeting }, path: ['greet:success', 'tell:success'] },
    },
  ],
})

describe('what an outsider tests with', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-outsider-'))
    await write('gateway.json', gateway)
    await write('policies/hello.json', policy)
    await write('policies/hello.test.json', policyTest('Hello, jane'))
  })

  afterEach(() => rm(folder, { recursive: true }))

  const at = (file: string) => join(folder, file)

  async function write(file: string, content: object): Promise<void> {
    await mkdir(dirname(at(file)), { recursive: true })
    await writeFile(at(file), JSON.stringify(content, undefined, 2))
  }

  const setUp = () => ({ config: at('gateway.json'), filters: [greet] })

  it('tries a filter by itself', async () => {
    const { outcome, message } = await testFilter(greet, { config: { word: 'Good day' } })
    expect(outcome).to.equal('success')
    expect(message.get('greeting')).to.equal('Good day, you')
  })

  it('runs the tests beside a policy, named by the one or the other', async () => {
    for (const file of ['policies/hello.json', 'policies/hello.test.json']) {
      const { cases, coverage } = await testPolicy(at(file), setUp())
      expect(cases.map(({ name }) => name)).to.deep.equal(['it greets by name'])
      expect(coverage.unwalked).to.deep.equal([])
    }
  })

  it('fails with the difference and the way where a case does not hold', async () => {
    await write('policies/hello.test.json', policyTest('Hello, john'))
    const error = await failureOf(testPolicy(at('policies/hello.json'), setUp()))
    expect(error).to.be.instanceOf(AssertionError)
    expect(error.message).to.match(/✗ it greets by name\n.*hello\.test\.json:\d+:\d+\n/)
    expect(error.message).to.include('body.greeting: expected "Hello, john", got "Hello, jane"')
    expect(error.message).to.match(/demo\/greet +success/)
  })

  it('fails with the findings where a gateway would not start', async () => {
    const error = await failureOf(testPolicy(at('policies/hello.json'), { config: setUp().config }))
    expect(error.message).to.match(/hello\.json:\d+:\d+ unknown-filter .*demo\/greet/)
  })

  it('says which policies there are where the named one is none', async () => {
    await write('elsewhere/hello.test.json', policyTest('Hello, jane'))
    const error = await failureOf(testPolicy(at('elsewhere/hello.json'), setUp()))
    expect(error.message).to.match(/elsewhere\/hello\.json is no policy .*policies\/hello\.json/)
  })

  it('lets a store that keeps the contract pass, and names what another breaks', async () => {
    expect(
      await failedCases({
        name: 'memory',
        connect: () => connect({ adapter: 'memory', deadline: 3000 }),
        durable: false,
      }),
    ).to.be.empty
    const forgetful = { name: 'forgetful', connect: connectForgetful, durable: false }
    const failed = await failedCases(forgetful)
    expect(failed.some((title) => /delete|remove|take/i.test(title))).to.equal(true)
  })
})

/** A store in which everybody who deletes a record is told to be the one. */
async function connectForgetful(): Promise<Connection> {
  const connection = await connect({ adapter: 'memory', deadline: 3000 })
  return {
    ...connection,
    collection(name, options) {
      const adapter = connection.collection(name, options)
      const remove = adapter.delete.bind(adapter)
      return Object.assign(Object.create(adapter), {
        async delete(key: string) {
          await remove(key)
          return true
        },
      })
    },
  }
}

/** Runs the suite in a framework of three lines. */
async function failedCases(subject: StoreUnderTest): Promise<readonly string[]> {
  const cases: { title: string; test: () => Promise<void> }[] = []
  const it = (title: string, test: () => Promise<void>) => cases.push({ title, test })
  storeContract({ describe: (_title, body) => body(), it }, subject)
  expect(cases).not.to.be.empty
  const results = await Promise.all(
    cases.map(({ title, test }) =>
      test().then(
        () => [],
        () => [title],
      ),
    ),
  )
  return results.flat()
}

async function failureOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work
  } catch (error) {
    return error as Error
  }
  throw new Error('it did not fail')
}
