import { createServer, type Server } from 'node:http'
import { expect } from 'chai'
import express, { type Express } from 'express'
import { expressHandler } from '../../../engine/http/express.ts'
import { type Handler, trafficHandler } from '../../../engine/http/handler.ts'
import { call, close, demoPrograms, type Line, listen, recorder } from './demo.ts'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const JSON_TYPE = { 'content-type': 'application/json' }

const handler = () =>
  trafficHandler([{ methods: ['POST'], path: '/echo', target: demoPrograms()('echo') }], {
    log: recorder().log,
    confidential: new Set(['token']),
    bodyLimit: 1000,
    trustedProxies: [],
    origin: 'http://localhost',
  })

const arrangements: Record<string, (app: Express) => void> = {
  'before body parsers': (app) => {
    app.use(handler())
    app.use(express.json(), express.urlencoded())
  },
  'after express.json() and express.urlencoded()': (app) => {
    app.use(express.json(), express.urlencoded())
    app.use(handler())
  },
  'after express.urlencoded({ extended: true })': (app) => {
    app.use(express.json(), express.urlencoded({ extended: true }))
    app.use(handler())
  },
  'after express.text() for all types': (app) => {
    app.use(express.text({ type: '*/*' }))
    app.use(handler())
  },
  'after express.raw() for all types': (app) => {
    app.use(express.raw({ type: '*/*' }))
    app.use(handler())
  },
  'under a path of its own': (app) => {
    app.use('/mounted', handler())
  },
}

for (const [where, arrange] of Object.entries(arrangements)) {
  describe(`the traffic handler in somebody's Express app, ${where}`, () => {
    let server: Server
    let port: number
    const path = where === 'under a path of its own' ? '/mounted/echo' : '/echo'

    before(async () => {
      const app = express()
      arrange(app)
      app.use((_request, response) => {
        response.status(404).send('theirs')
      })
      server = createServer(app)
      port = await listen(server)
    })
    after(() => close(server))

    const post = (headers: Record<string, string>, body: string) =>
      call(port, path, { method: 'POST', headers, body })

    it('reads forms', async () => {
      const { text } = await post(FORM, 'a=1&token=secret&resource=x&resource=y')
      expect(JSON.parse(text).form).to.deep.equal({
        a: '1',
        token: '[secret]',
        resource: ['x', 'y'],
      })
    })

    it('reads JSON', async () => {
      const { text } = await post(JSON_TYPE, '{"a":[1],"token":"secret"}')
      expect(JSON.parse(text).json).to.deep.equal({ a: [1], token: '[secret]' })
    })

    it('refuses duplicates', async () => {
      expect(await post(FORM, 'a=1&a=2')).to.include({ status: 400 })
    })

    it('does not wait for a body that is not there', async () => {
      const { text } = await call(port, path, { method: 'POST' })
      expect(JSON.parse(text)).to.deep.include({ form: {}, contentType: '' })
    })

    it('leaves the rest of the app alone', async () => {
      expect(await call(port, '/theirs')).to.include({ status: 404, text: 'theirs' })
    })
  })
}

describe('what no policy answers', () => {
  let server: Server
  let port: number
  let lines: readonly Line[]
  let draining = false

  before(async () => {
    const recorded = recorder()
    lines = recorded.lines
    const handle = expressHandler({
      routesIn: 'gateway.json',
      log: recorded.log,
      isDraining: () => draining,
    })
    server = createServer((request, response) => handle(request, response))
    port = await listen(server)
  })
  after(() => close(server))

  it('is told where routes are defined', async () => {
    const { status, headers, text } = await call(port, '/nowhere?token=secret')
    expect(status).to.equal(404)
    expect(JSON.parse(text).error).to.equal('not_found')
    expect(text).to.contain('/nowhere').and.contain('gateway.json').and.not.contain('secret')
    expect(headers).not.to.have.property('x-powered-by')
    expect(headers).to.include({ 'x-content-type-options': 'nosniff' })
    expect(headers['x-request-id']).to.equal(lines.at(-1)?.requestId)
  })

  it('is asked for a new connection while draining', async () => {
    draining = true
    const { headers } = await call(port, '/nowhere', { headers: { connection: 'keep-alive' } })
    expect(headers.connection).to.equal('close')
    draining = false
  })

  it('is answered 500 where Express cannot be loaded, and better as soon as it can', async () => {
    const { lines, log } = recorder()
    const loads = [
      () => Promise.reject(new Error('too many open files')),
      async (): Promise<Handler> => (_request, response) => response.end('loaded'),
    ]
    const load = () => loads.shift()?.() ?? Promise.reject(new Error('loaded twice'))
    const handle = expressHandler({ routesIn: '', log, isDraining: () => false, load })
    const other = createServer((request, response) => handle(request, response))
    const otherPort = await listen(other)
    expect(await call(otherPort, '/')).to.include({ status: 500, text: 'server_error' })
    expect(lines[0]?.err).to.have.property('message', 'too many open files')
    expect(await call(otherPort, '/')).to.include({ status: 200, text: 'loaded' })
    expect(await call(otherPort, '/')).to.include({ status: 200, text: 'loaded' })
    await close(other)
  })

  it('is logged without its path, which may hold anything', async () => {
    await call(port, '/s3cret')
    expect(lines.at(-1)).to.include({ level: 'info', method: 'GET', status: 404 })
    expect(JSON.stringify(lines)).not.to.contain('s3cret')
  })

  it('sees no stack trace, whatever the path', async () => {
    for (const path of ['/%', '/%ff', '//', '/a%00b', `/${'x'.repeat(3000)}`]) {
      const { status, text } = await call(port, path)
      expect(status, path).to.be.oneOf([400, 404])
      expect(text).not.to.match(/node_modules|at .*:\d+/)
      expect(text.length).to.be.below(600)
    }
  })
})
