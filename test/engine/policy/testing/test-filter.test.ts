import { AssertionError } from 'node:assert'
import { expect } from 'chai'
import {
  compileExpression,
  defineFilter,
  type FilterDefinition,
  refuse,
  Secret,
  type Step,
} from '../../../../engine/index.ts'
import { type FilterCase, testFilter } from '../../../../engine/policy/testing/test-filter.ts'

const CONFIG = {
  type: 'object',
  properties: {
    whom: { type: 'string', default: 'world', description: 'Whom to greet.' },
  },
  additionalProperties: false,
} as const

function greeter(step: Step, more: Partial<FilterDefinition> = {}) {
  return defineFilter({
    name: 'demo/greet',
    summary: 'Greets.',
    config: CONFIG,
    outcomes: ['success', 'failure'],
    reads: ['name', 'title?'],
    writes: { success: ['greeting', 'warmth?'], failure: [] },
    example: {},
    create: () => step as Step<'success' | 'failure'>,
    ...(more as object),
  })
}

async function problemOf(step: Step, given: FilterCase = {}, more: Partial<FilterDefinition> = {}) {
  const attributes = { name: 'john', ...given.attributes }
  try {
    await testFilter(greeter(step, more), { ...given, attributes })
  } catch (error) {
    if (error instanceof AssertionError) return error.message
    throw error
  }
  return undefined
}

describe('testFilter', () => {
  it('passes a filter that does as it says, and gives what it did', async () => {
    const step: Step = (message) => {
      const title = message.get('title') ?? ''
      message.set('greeting', `Hello, ${title}${message.need('name')}`)
      return 'success'
    }
    const { outcome, message } = await testFilter(greeter(step), { attributes: { name: 'john' } })
    expect(outcome).to.equal('success')
    expect(message.get('greeting')).to.equal('Hello, john')
  })

  it('gives the refusal, and sets the attribute error, as a run does', async () => {
    const refusal = refuse('invalid_request', 'no')
    const given = { attributes: { name: 'john' } }
    const { outcome, message, ...rest } = await testFilter(
      greeter(async () => refusal),
      given,
    )
    expect(outcome).to.equal('failure')
    expect(rest.refusal).to.equal(refusal)
    expect(message.get('error')).to.equal(refusal)
  })

  it('creates the filter with its defaults, or with the settings given', async () => {
    const seen: unknown[] = []
    const create = (config: unknown) => {
      seen.push(config)
      return () => 'failure'
    }
    const more = { create } as unknown as Partial<FilterDefinition>
    await problemOf(() => 'failure', {}, more)
    await problemOf(() => 'failure', { config: { whom: 'you' } }, more)
    expect(seen).to.deep.equal([{ whom: 'world' }, { whom: 'you' }])
  })

  it('lets a filter read back what it has written', async () => {
    const step: Step = (message) => {
      message.set('greeting', 'hello')
      return message.need('greeting') ? 'success' : 'failure'
    }
    expect(await problemOf(step)).to.equal(undefined)
  })

  it('lets an expression find what it reads within an attribute', async () => {
    const evaluate = compileExpression({ var: 'oauth.client.details.name' })
    const filter = greeter((message) => (evaluate(message) === 'app' ? 'failure' : 'success'), {
      reads: ['oauth.client.details.name'],
    })
    const attributes = { 'oauth.client.details': { name: 'app' } }
    expect(await testFilter(filter, { attributes })).to.have.property('outcome', 'failure')
  })

  it('makes confidential parameters secrets, as the gateway does', async () => {
    let token: unknown
    const step: Step = (message) => {
      token = message.request.form.token
      return 'failure'
    }
    const request = { form: { token: 'abc' } }
    await problemOf(step, { request }, { confidential: ['token'] })
    expect(token).to.be.instanceOf(Secret)
  })

  it('hands on what the filter throws', async () => {
    const cause = new Error('boom')
    const step: Step = () => Promise.reject(cause)
    const thrown = await problemOf(step).catch((error: unknown) => error)
    expect(thrown).to.equal(cause)
  })

  const mistakes: readonly [name: string, expected: string, ...Parameters<typeof problemOf>][] = [
    [
      'does not write what it promises',
      'does not write "greeting" by success, as "writes" promises',
      () => 'success',
    ],
    [
      'writes what it does not declare for its outcome',
      'writes "greeting" by failure, which "writes" does not declare',
      (message) => {
        message.set('greeting', 'hello')
        return 'failure'
      },
    ],
    [
      'gets an attribute that it does not declare',
      'reads "secret", which "reads" does not declare',
      (message) => (message.get('secret') ? 'success' : 'failure'),
    ],
    [
      'needs an attribute that it does not declare',
      'reads "secret", which "reads" does not declare',
      (message) => String(message.need('secret')),
      { attributes: { secret: 1 } },
    ],
    [
      'ends by an outcome that it does not declare',
      'ends by sucess, which is none of its outcomes',
      () => 'sucess',
    ],
    [
      'refuses without the outcome failure',
      'ends by failure, which is none of its outcomes',
      () => refuse('invalid_request', 'no') as never,
      {},
      { outcomes: ['success'] },
    ],
    [
      'is given settings that its schema refuses',
      'is given wrong settings at /who: unknown setting "who"; did you mean "whom"?',
      () => 'failure',
      { config: { who: 'you' } },
    ],
    [
      'is given an attribute less than it needs',
      'reads "age", which the test does not give among its attributes',
      () => 'failure',
      {},
      { reads: ['age'] },
    ],
  ]

  for (const [name, expected, step, given, more] of mistakes) {
    it(`fails a filter that ${name}`, async () => {
      expect(await problemOf(step, given, more)).to.equal(`the filter demo/greet ${expected}`)
    })
  }

  it('fails a filter that uses a service which the test does not give', async () => {
    const create = ((_config: unknown, services: { policy(name: string): unknown }) => {
      services.policy('other')
      return () => 'failure'
    }) as unknown as FilterDefinition['create']
    expect(await problemOf(() => 'failure', {}, { create })).to.include('uses a policy')
  })
})
