import { createServer, type Server } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { trafficHandler } from '../../../engine/http/handler.ts'
import { type Call, call, close, demoPrograms, type Line, listen, recorder } from './demo.ts'

const programs = demoPrograms({
  plain: {},
  empty: { status: 204 },
  broken: { header: 'a\r\nset-cookie: b' },
  slow: { wait: 50 },
})

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const JSON_TYPE = { 'content-type': 'application/json' }

describe('the traffic handler', () => {
  let server: Server
  let port: number
  let lines: Line[]
  let draining: boolean

  before(async () => {
    const log = recorder()
    lines = log.lines
    const route = (method: string, path: string, policy: string) => ({
      methods: [method],
      path,
      target: programs(policy),
    })
    const handle = trafficHandler(
      [
        route('POST', '/echo', 'echo'),
        route('GET', '/echo/:name', 'echo'),
        ...['plain', 'empty', 'broken', 'slow', 'refuse', 'throw', 'outage'].map((name) =>
          route('GET', `/${name}`, name),
        ),
      ],
      {
        log: log.log,
        confidential: new Set(['token']),
        bodyLimit: 1000,
        trustedProxies: ['127.0.0.1'],
        origin: 'https://auth.example.com',
        isDraining: () => draining,
      },
    )
    server = createServer((request, response) => handle(request, response))
    port = await listen(server)
  })
  beforeEach(() => {
    draining = false
    lines.length = 0
  })
  after(() => close(server))

  const echo = async (options: Call = {}, query = '') => {
    const answer = await call(port, `/echo${query}`, { method: 'POST', ...options })
    expect(answer.status, answer.text).to.equal(200)
    return JSON.parse(answer.text)
  }
  const problem = async (options: Call, path = '/echo') => {
    const { status, text } = await call(port, path, { method: 'POST', ...options })
    return { status, ...JSON.parse(text) }
  }

  it('gives the policy what came in', async () => {
    const { id, ...request } = await echo(
      { headers: { ...FORM, 'X-Demo': 'Yes', host: 'evil.example' }, body: 'a=1&b=x+y' },
      '?c=3',
    )
    expect(id).to.match(/^[0-9a-f-]{36}$/)
    expect(request).to.deep.include({
      method: 'POST',
      path: '/echo',
      params: {},
      query: { c: '3' },
      form: { a: '1', b: 'x y' },
      contentType: 'application/x-www-form-urlencoded',
      address: '127.0.0.1',
      origin: 'https://auth.example.com',
    })
    expect(request.headers).to.include({ 'x-demo': 'Yes' })
  })

  it('gives the parameters of the path, decoded', async () => {
    const { text } = await call(port, '/echo/a%20b')
    expect(JSON.parse(text)).to.deep.include({ params: { name: 'a b' }, path: '/echo/a%20b' })
  })

  it('takes a request target that names scheme and authority', async () => {
    const { text } = await call(port, 'http://evil.example/echo/x?a=1')
    expect(JSON.parse(text)).to.deep.include({ path: '/echo/x', query: { a: '1' } })
  })

  it('hides credentials in headers, query, form and JSON', async () => {
    const headers = { authorization: 'Basic c2VjcmV0', cookie: 'a=secret', ...FORM }
    const request = await echo({ headers, body: 'token=secret' }, '?token=secret')
    expect(JSON.stringify(request)).not.to.match(/secret(?!\])|c2Vj/)
    const json = await echo({ headers: JSON_TYPE, body: '{"a":{"token":"secret","b":1}}' })
    expect(json.json).to.deep.equal({ a: { token: '[secret]', b: 1 } })
  })

  it('believes X-Forwarded-For from a trusted proxy', async () => {
    const request = await echo({ headers: { 'x-forwarded-for': '1.2.3.4, 192.0.2.7' } })
    expect(request.address).to.equal('192.0.2.7')
  })

  it('answers with the policy’s response and its own headers', async () => {
    const { status, headers, text } = await call(port, '/plain')
    expect({ status, text }).to.deep.equal({ status: 200, text: 'ü' })
    expect(headers).to.include({
      'x-demo': 'plain',
      'content-length': '2',
      'x-content-type-options': 'nosniff',
      'x-request-id': lines[0]?.requestId,
    })
  })

  it('answers HEAD like GET, without the body', async () => {
    const { status, headers, text } = await call(port, '/plain', { method: 'HEAD' })
    expect({ status, text }).to.deep.equal({ status: 200, text: '' })
    expect(headers).to.include({ 'content-length': '2' })
  })

  it('sends neither body nor its length with 204', async () => {
    const { status, headers, text } = await call(port, '/empty')
    expect({ status, text }).to.deep.equal({ status: 204, text: '' })
    expect(headers).not.to.have.any.keys('content-length', 'transfer-encoding')
  })

  it('answers what it cannot serve with a precise status and a reason', async () => {
    const { headers, status } = await call(port, '/echo', { method: 'PUT' })
    expect(status).to.equal(405)
    expect(headers).to.include({ allow: 'POST', 'cache-control': 'no-store' })
    const cases: [Call, number, string?][] = [
      [{ headers: FORM, body: 'a=%' }, 400],
      [{ headers: FORM, body: 'a=1&a=2' }, 400],
      [{ headers: FORM, body: Buffer.from([0x61, 0x3d, 0xff]) }, 400],
      [{ headers: JSON_TYPE, body: '{' }, 400],
      [{ headers: JSON_TYPE, body: '['.repeat(40) + ']'.repeat(40) }, 400],
      [{}, 400, '/echo?a=1&a=2'],
      [{ headers: { authorization: ['Basic YQ==', 'Basic Yg=='] } }, 400],
      [{ headers: { ...FORM, 'content-encoding': 'gzip' }, body: 'x' }, 415],
      [{ headers: { 'content-type': `${FORM['content-type']}; charset=latin1` }, body: 'x' }, 415],
      [{ headers: FORM, body: 'x'.repeat(1001) }, 413],
      [{ headers: { ...FORM, 'transfer-encoding': 'chunked' }, body: 'x'.repeat(1001) }, 413],
    ]
    for (const [options, expected, path] of cases) {
      const answer = await problem(options, path)
      expect(answer, JSON.stringify(options)).to.include({
        status: expected,
        error: 'invalid_request',
      })
      expect(answer.error_description).to.be.a('string').and.not.equal('')
    }
    expect(await call(port, '/echo/%ff')).to.include({ status: 400 })
  })

  it('refuses a path that is not percent-encoded', async () => {
    const socket = connect(port, '127.0.0.1')
    socket.write('GET /echo/\u00fc HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    const answer = await text(socket)
    expect(answer).to.match(/^HTTP\/1.1 400 /)
  })

  it('takes a charset of UTF-8 and an encoding of identity', async () => {
    const headers = {
      'content-type': 'Application/X-WWW-Form-URLEncoded; Charset="UTF-8"',
      'content-encoding': 'identity',
    }
    expect((await echo({ headers, body: 'a=%C3%BC' })).form).to.deep.equal({ a: 'ü' })
  })

  it('tells the type of any other body and leaves the rest to the policy', async () => {
    const request = await echo({ headers: { 'content-type': 'text/plain; x=y' }, body: 'a=1' })
    expect(request).to.deep.include({ contentType: 'text/plain', form: {} })
    expect(request).not.to.have.property('json')
  })

  it('does not keep a connection after a body that was too large', async () => {
    const { headers } = await call(port, '/echo', {
      method: 'POST',
      headers: { ...FORM, connection: 'keep-alive' },
      body: 'x'.repeat(1001),
    })
    expect(headers.connection).to.equal('close')
  })

  it('has no name that was not sent', async () => {
    const { form, query, headers } = await echo(
      { headers: FORM, body: '__proto__=1' },
      '?__proto__=2',
    )
    expect(Object.entries(form)).to.deep.equal([['__proto__', '1']])
    expect(Object.entries(query)).to.deep.equal([['__proto__', '2']])
    expect(headers).not.to.have.property('__proto__.polluted')
  })

  it('logs one line a request, with route and walk but nothing that was sent', async () => {
    await echo(
      { headers: { ...FORM, authorization: 'Bearer s3cret' }, body: 'a=s3cret' },
      '?b=s3cret',
    )
    expect(lines).to.have.length(1)
    expect(lines[0]).to.include({
      level: 'info',
      method: 'POST',
      route: '/echo',
      policy: 'echo',
      walk: 'do:success',
      status: 200,
    })
    expect(lines[0]?.ms).to.be.a('number')
    expect(JSON.stringify(lines)).not.to.contain('s3cret')
  })

  it('logs why a policy refused', async () => {
    expect(await call(port, '/refuse')).to.include({ status: 400 })
    expect(lines[0]).to.include({
      level: 'info',
      refusal: 'invalid_demo',
      detail: 'the operator knows why',
      walk: 'do:failure say:success',
    })
  })

  it('logs why it refused by itself, without what was sent', async () => {
    await problem({ headers: FORM, body: 's3cret=1&s3cret=2' })
    expect(lines).to.have.length(1)
    expect(lines[0]).to.include({ level: 'info', status: 400, refusal: 'repeated-parameter' })
    expect(JSON.stringify(lines)).not.to.contain('s3cret')
  })

  it('logs a surprise as an error with its cause, which the client does not see', async () => {
    const { status, text } = await call(port, '/throw')
    expect({ status, text }).to.deep.equal({ status: 500, text: 'server_error' })
    expect(lines[0]).to.include({ level: 'error', status: 500, fault: 'do' })
    expect(lines[0]?.err).to.have.property('message', 'a pipe broke')
  })

  it('answers an outage with 503 and when to come again', async () => {
    const { status, headers } = await call(port, '/outage')
    expect(status).to.equal(503)
    expect(headers).to.include({ 'retry-after': '7' })
  })

  it('answers 500 where HTTP cannot carry the response', async () => {
    const { status, headers } = await call(port, '/broken')
    expect(status).to.equal(500)
    expect(headers).not.to.have.property('set-cookie')
    expect(lines[0]).to.include({ level: 'error', status: 500 })
  })

  it('asks for a new connection while draining', async () => {
    draining = true
    const { headers } = await call(port, '/plain', { headers: { connection: 'keep-alive' } })
    expect(headers.connection).to.equal('close')
  })

  it('leaves what has no route to the next handler, or answers 404', async () => {
    const { status, text } = await call(port, '/nowhere')
    expect({ status, ...JSON.parse(text) }).to.include({ status: 404, error: 'not_found' })
    expect(lines).to.deep.equal([])
  })

  it('ends quietly when the client goes away in the middle of its body', async () => {
    const socket = connect(port, '127.0.0.1')
    socket.write('POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf')
    const received = new Promise((resolve) => server.once('request', resolve))
    await received
    socket.destroy()
    await until(() => lines.length > 0)
    expect(lines).to.have.length(1)
    expect(lines[0]).to.include({ level: 'info', clientGone: true, status: undefined })
  })

  it('ends quietly when the client does not wait for the answer', async () => {
    const socket = connect(port, '127.0.0.1')
    const received = new Promise((resolve) => server.once('request', resolve))
    socket.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n')
    await received
    socket.destroy()
    await until(() => lines.length > 0)
    expect(lines[0]).to.include({ level: 'info', clientGone: true })
    expect(await call(port, '/plain')).to.include({ status: 200 })
  })
})

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}
