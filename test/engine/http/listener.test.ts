import { Agent, request as send } from 'node:http'
import { connect } from 'node:net'
import { expect } from 'chai'
import { openListener } from '../../../engine/http/listener.ts'
import {
  failureOf,
  GRACE,
  hello,
  limits,
  openByHand as open,
  listenerOptions as options,
} from './by-hand.ts'
import { call } from './demo.ts'

describe('a listener', () => {
  it('serves at the address that it tells', async () => {
    const listener = await openListener(options(), (origin) => (_request, response) => {
      response.end(origin)
    })
    expect(listener.origin).to.equal(`http://127.0.0.1:${listener.port}`)
    expect(await call(listener.port, '/')).to.include({ status: 200, text: listener.origin })
    await listener.stop(GRACE)
  })

  it('is known by its url where it has one', async () => {
    const url = 'https://auth.example.com'
    const listener = await openListener(options({ url }), () => hello)
    expect(listener.origin).to.equal(url)
    await listener.stop(GRACE)
  })

  it('names host, port and the setting to change where the port is taken', async () => {
    const first = await openListener(options(), () => hello)
    const { port } = first
    const error = await failureOf(openListener(options({ port }), () => hello))
    expect(error)
      .to.contain('127.0.0.1')
      .and.contain(String(port))
      .and.contain('set SALLYPORT_TRAFFIC_PORT')
    await first.stop(GRACE)
  })

  it('says so where the machine has no such address', async () => {
    const error = await failureOf(openListener(options({ host: '192.0.2.1' }), () => hello))
    expect(error).to.contain('192.0.2.1').and.contain('correct the host')
  })

  it('refuses headers that are too large', async () => {
    const listener = await openListener(options(), () => hello)
    const headers = { 'x-large': 'x'.repeat(3000) }
    expect(await call(listener.port, '/', { headers })).to.include({ status: 431 })
    await listener.stop(GRACE)
  })

  it('lets running requests finish before it has stopped, and takes no more', async () => {
    let answer = () => {}
    const received = new Promise<void>((resolve) => {
      answer = resolve
    })
    let release = () => {}
    const listener = await openListener(options(), () => (_request, response) => {
      release = () => response.end('finished')
      answer()
    })
    const running = call(listener.port, '/')
    await received
    let stopped = false
    const stopping = listener.stop(GRACE).then(() => {
      stopped = true
    })
    await refusal(listener.port)
    expect(stopped).to.equal(false)
    release()
    expect(await running).to.include({ status: 200, text: 'finished' })
    await stopping
  })

  it('does not wait for connections that are kept alive without a request', async () => {
    const listener = await openListener(
      options({ limits: { ...limits, idleTime: 10 * 60_000 } }),
      () => hello,
    )
    const agent = new Agent({ keepAlive: true })
    await new Promise((resolve) =>
      send({ host: '127.0.0.1', port: listener.port, agent }, (response) => {
        response.resume().on('end', resolve)
      }).end(),
    )
    await listener.stop(10 * 60_000)
    agent.destroy()
  })

  it('answers whoever keeps a connection once more, so that the answer can tell of the end', async () => {
    const listener = await openListener(options(), () => hello)
    const client = await open(listener.port)
    client.write(GET)
    await client.reads('hello')
    const stopping = listener.stop(GRACE)
    client.write(GET)
    await client.reads('hello')
    await stopping
  })

  it('closes a connection whose headers do not arrive in time', async () => {
    const listener = await openListener(
      options({ limits: { ...limits, headersTime: 100 } }),
      () => hello,
    )
    const client = await open(listener.port)
    client.write('GET / HTTP/1.1\r\nHost: a\r\nx-slow: ')
    expect(await client.closed).to.contain('408')
    await listener.stop(GRACE)
  })

  it('drops no header, however many there are', async () => {
    const listener = await openListener(
      options({ limits: { ...limits, headers: 65_536 } }),
      () => (request, response) => response.end(String(request.rawHeaders.length / 2)),
    )
    const client = await open(listener.port)
    client.write(`GET / HTTP/1.1\r\nHost: a\r\n${'x: 1\r\n'.repeat(2500)}\r\n`)
    await client.reads('2501')
    await listener.stop(GRACE)
  })

  it('asks for a body only when somebody begins to read it', async () => {
    const listener = await openListener(options(), () => (request, response) => {
      if (request.url === '/large') response.writeHead(413, { connection: 'close' }).end()
      else request.pipe(response)
    })
    const post = (path: string) =>
      `POST ${path} HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n`
    const small = await open(listener.port)
    small.write(post('/small'))
    await small.reads('100 Continue')
    small.write('hello')
    await small.reads('hello')

    const large = await open(listener.port)
    large.write(post('/large'))
    expect(await large.closed)
      .to.contain('413')
      .and.not.contain('100 Continue')
    small.end()
    await listener.stop(GRACE)
  })

  it('cuts off what has not finished when the grace is over', async () => {
    let received = () => {}
    const arrival = new Promise<void>((resolve) => {
      received = resolve
    })
    const listener = await openListener(options(), () => () => received())
    const socket = connect(listener.port, '127.0.0.1')
    socket.on('error', () => {})
    const closed = new Promise((resolve) => socket.on('close', resolve))
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await arrival
    await listener.stop(10)
    await closed
  })
})

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

/** Until the port takes no more. */
async function refusal(port: number): Promise<void> {
  const isTaken = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
      socket.on('connect', () => socket.destroy())
    })
  while (await isTaken());
}
