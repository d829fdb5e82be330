import { expect } from 'chai'
import { Secret } from '../../../engine/index.ts'
import { runProgram } from '../../../engine/policy/run/run.ts'
import { testFilter } from '../../../engine/policy/testing/test-filter.ts'
import setAttributes from '../../../filters/flow/set-attributes.ts'
import respondJson from '../../../filters/http/respond-json.ts'
import { programOf, requestOf } from '../../engine/policy/run/by-hand.ts'

describe('flow/set-attributes', () => {
  async function set(attributes: object, given: Readonly<Record<string, unknown>> = {}) {
    const request = { form: { scope: 'read' }, headers: { authorization: 'Bearer abc' } }
    const config = { attributes }
    const { message } = await testFilter(setAttributes, { config, attributes: given, request })
    return message
  }

  it('sets every attribute that it names to what its expression yields', async () => {
    const message = await set({
      'scopes.required': ['read', 'write'],
      asked: { var: 'request.form.scope' },
      count: { '+': [1, 2] },
      nothing: { var: 'request.form.nothing' },
    })
    expect(message.get('scopes.required')).to.deep.equal(['read', 'write'])
    expect(message.get('asked')).to.equal('read')
    expect(message.get('count')).to.equal(3)
    expect(message.get('nothing')).to.equal(null)
  })

  it('declares exactly what it sets', () => {
    const config = { attributes: { one: 1, two: 2 } }
    expect(setAttributes.writes(config)).to.deep.equal({ success: ['one', 'two'] })
    expect(setAttributes.writes({ attributes: {} })).to.deep.equal({ success: [] })
  })

  it('evaluates all before it sets the first', async () => {
    const setting = (attributes: object, next: string) => ({
      filter: setAttributes,
      config: { attributes },
      on: { success: next },
    })
    const left = { var: 'left' }
    const right = { var: 'right' }
    const program = programOf({
      nodes: {
        begin: setting({ left: 'l', right: 'r' }, 'swap'),
        swap: setting({ left: right, right: left }, 'answer'),
        answer: {
          filter: respondJson,
          config: { status: 200, headers: {}, body: { left, right } },
          on: { success: '@success' },
        },
      },
    })
    const { response } = await runProgram(program, requestOf())
    expect(response.body).to.equal('{"left":"r","right":"l"}')
  })

  it('copies no secret', async () => {
    const message = await set({
      one: { var: 'request.headers.authorization' },
      all: { var: 'request.headers' },
      text: { cat: ['<', { var: 'request.headers.authorization' }, '>'] },
    })
    expect(message.get('one')).to.equal('[secret]')
    expect(message.get('all')).to.deep.equal({
      authorization: '[secret]',
      'content-type': 'application/x-www-form-urlencoded',
    })
    expect(message.get('text')).to.equal('<[secret]>')
    for (const name of message.names()) expect(message.get(name)).not.to.be.instanceOf(Secret)
  })

  for (const name of ['request', 'response', 'error', 'fault']) {
    it(`is not created to set ${name}, which belongs to the engine`, async () => {
      const failure = await set({ fine: 1, [name]: 'x' }).catch(String)
      expect(failure).to.equal(
        `Error: the attribute ${name} belongs to the engine; choose another name`,
      )
    })
  }

  it('is not created for a rule that lint refuses', async () => {
    expect(await set({ one: { log: 'x' } }).catch(String)).to.match(/^TypeError/)
  })

  it('must be told what to set', async () => {
    const failure = await testFilter(setAttributes, { config: {} }).catch(String)
    expect(failure).to.match(/wrong settings.*attributes/)
  })
})
