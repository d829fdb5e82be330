import { Ajv } from 'ajv'
import { expect } from 'chai'
import { defineFilter, type Filter } from '../../../engine/policy/filter.ts'
import { filterLibrary } from '../../../engine/policy/library.ts'
import { policySchema } from '../../../engine/policy/lint/policy-schema.ts'
import { checkAgainst } from '../../../engine/policy/schema.ts'
import { DEMO_FILTERS } from './lint/lint-setup.ts'

const greet: Filter = defineFilter({
  name: 'demo/greet',
  summary: 'Greets whoever asks.',
  config: {
    type: 'object',
    properties: { whom: { type: 'string', description: 'Whom.' } },
    required: ['whom'],
    additionalProperties: false,
  },
  outcomes: ['success'],
  writes: { success: ['greeting'] },
  example: { whom: 'world' },
  create: () => () => 'success',
})

/** A filter as it may come from a module that no compiler has seen. */
const spoilt = (change: object): Filter => ({ ...greet, ...change })

describe('A filter library', () => {
  it('finds filters by name', () => {
    const { library, findings } = filterLibrary([...DEMO_FILTERS, greet])
    expect(findings).to.deep.equal([])
    expect(library.get('demo/greet')).to.equal(greet)
    expect(library.get('demo/other')).to.equal(undefined)
  })

  it('refuses a second filter of the same name, and keeps the first', () => {
    const { library, findings } = filterLibrary([greet, spoilt({ summary: 'Is another.' })])
    expect(findings.map(({ code, filter }) => [code, filter])).to.deep.equal([
      ['duplicate-filter', 'demo/greet'],
    ])
    expect(library.get('demo/greet')).to.equal(greet)
  })

  const refused: readonly [title: string, change: object, code: string, message: string][] = [
    ['a name without a room', { name: 'greet' }, 'bad-filter', '"greet" is no name'],
    ['a name in capitals', { name: 'demo/Greet' }, 'bad-filter', '"demo/Greet" is no name'],
    ['a summary of two sentences', { summary: 'Greets. Twice.' }, 'bad-filter', 'one sentence'],
    ['a summary without its full stop', { summary: 'Greets' }, 'bad-filter', 'one sentence'],
    ['no outcomes at all', { outcomes: undefined }, 'bad-filter', 'declares no outcomes'],
    ['no create', { create: undefined }, 'bad-filter', 'no "create"'],
    ['no outcome', { outcomes: [] }, 'bad-filter', 'needs outcomes'],
    ['an outcome that stands twice', { outcomes: ['a', 'a'] }, 'bad-filter', 'each once'],
    ['an outcome that an end is named by', { outcomes: ['@failure'] }, 'bad-filter', '"@failure"'],
    ['the outcome fault', { outcomes: ['success', 'fault'] }, 'bad-filter', 'named "fault"'],
    ['an example that its schema refuses', { example: {} }, 'bad-example', '"whom" is missing'],
    [
      'a schema that lets anything through',
      { config: { type: 'object', properties: {} } },
      'bad-filter',
      'lets unknown settings through',
    ],
    [
      'a schema with a misspelt keyword',
      { config: { type: 'object', propertys: {}, additionalProperties: false } },
      'bad-filter',
      'does not compile: strict mode: unknown keyword: "propertys"',
    ],
    [
      'writes on an outcome that it does not have',
      { writes: () => ({ sucess: ['greeting'] }) },
      'bad-filter',
      'declares writes for "sucess"',
    ],
    [
      'reads that cannot be told',
      {
        reads: () => {
          throw new Error('boom')
        },
      },
      'bad-filter',
      'cannot be told: boom',
    ],
  ]
  for (const [title, change, code, message] of refused) {
    it(`refuses ${title}`, () => {
      const { findings } = filterLibrary([spoilt(change)])
      expect(findings).to.have.length(1)
      expect(findings[0]).to.include({ code })
      expect(findings[0]?.message).to.include(message)
      expect(findings[0]?.remedy).to.be.a('string').that.is.not.empty
    })
  }
})

describe('The schema of settings', () => {
  it('fills in defaults on a copy, and freezes it to its depths', () => {
    const schema = {
      type: 'object',
      properties: {
        list: { type: 'array', items: { type: 'string' }, default: ['a'] },
        map: { type: 'object', additionalProperties: { $ref: 'expression' } },
        rule: { $ref: 'expression', default: { var: 'x' } },
      },
      additionalProperties: false,
    }
    const given = { map: { a: { var: 'x' } } }
    const { value, problems } = checkAgainst(schema, given)
    expect(problems).to.deep.equal([])
    expect(value).to.deep.equal({ ...given, list: ['a'], rule: { var: 'x' } })
    expect(given).to.deep.equal({ map: { a: { var: 'x' } } })
    expect((value as typeof given).map.a).to.be.frozen
    expect(given.map.a).not.to.be.frozen
    expect(schema.properties.list.default).not.to.be.frozen
  })

  it('says one thing about one misspelt key that is required', () => {
    const { problems } = checkAgainst(greet.config, { whon: 'x' })
    expect(problems).to.deep.equal([
      {
        pointer: '/whon',
        atKey: true,
        message: 'unknown setting "whon"',
        remedy: 'did you mean "whom"?',
      },
    ])
  })

  it('does not repeat a text that does not fit, which may be a secret', () => {
    const schema = { type: 'string', pattern: '^a', maxLength: 3, description: 'A word.' }
    const { problems } = checkAgainst(schema, 's3cret')
    expect(problems).to.have.length(2)
    expect(JSON.stringify(problems)).not.to.include('s3cret')
    expect(problems[0]?.remedy).to.equal('it is: a word')
  })
})

describe('The schema of policies for editors', () => {
  const schema = policySchema([...DEMO_FILTERS, greet])
  // As an editor would: with the official meta-schema, and without our keywords.
  const fits = new Ajv({ strict: true }).compile(schema)
  const policy = (node: object) => ({ description: 'x', start: 'a', nodes: { a: node } })

  it('passes a node that fits its filter', () => {
    const node = { filter: 'demo/greet', config: { whom: 'you' }, on: { success: '@success' } }
    expect(fits(policy(node))).to.equal(true)
    const open = { filter: 'demo/switch', config: { on: { var: 'x' } }, on: { '*': '@success' } }
    expect(fits(policy(open))).to.equal(true)
  })

  for (const [title, node] of Object.entries({
    'a filter that is not there': { filter: 'demo/gret', on: { success: '@success' } },
    'settings of another filter': {
      filter: 'demo/greet',
      config: { whom: 'you', table: 'x' },
      on: { success: '@success' },
    },
    'a missing setting': { filter: 'demo/greet', on: { success: '@success' } },
    'an outcome of another filter': {
      filter: 'demo/greet',
      config: { whom: 'you' },
      on: { success: '@success', failure: '@failure' },
    },
    'a missing outcome': {
      filter: 'demo/find',
      config: { table: 'x' },
      on: { success: '@failure' },
    },
  })) {
    it(`refuses ${title}`, () => {
      expect(fits(policy(node))).to.equal(false)
    })
  }

  it('is plain JSON without our own keyword', () => {
    expect(JSON.parse(JSON.stringify(schema))).to.deep.equal(schema)
    expect(JSON.stringify(schema)).not.to.include('refersTo')
  })
})
