import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { Agent, request as send } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectSecurely, Server as SecureServer } from 'node:tls'
import { expect } from 'chai'
import type { Handler } from '../../../engine/http/handler.ts'
import { type ListenerOptions, openListener } from '../../../engine/http/listener.ts'
import { watchCertificate } from '../../../engine/http/tls.ts'
import { call, type Line, recorder } from './demo.ts'

const GRACE = 5000
const limits = { headers: 2048, headersTime: 5000, requestTime: 5000, idleTime: 60_000 }

const options = (more: Partial<ListenerOptions> = {}): ListenerOptions => ({
  ...{ name: 'traffic', host: '127.0.0.1', port: 0, portSetting: 'SALLYPORT_TRAFFIC_PORT' },
  ...{ limits, log: recorder().log },
  ...more,
})

const hello: Handler = (_request, response) => response.end('hello')

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

describe('a listener with a certificate', () => {
  const here = (name: string) => join(import.meta.dirname, 'tls', name)
  let folder: string
  let tls: { certificate: string; key: string }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sallyport-tls-'))
    tls = { certificate: join(folder, 'crt.pem'), key: join(folder, 'key.pem') }
    await use('one')
  })
  afterEach(() => rm(folder, { recursive: true }))

  async function use(name: string, key = name): Promise<void> {
    await copyFile(here(`${key}.key`), tls.key)
    await copyFile(here(`${name}.crt`), tls.certificate)
  }

  it('serves HTTPS', async () => {
    const listener = await openListener(options({ tls }), () => hello)
    expect(listener.origin).to.equal(`https://127.0.0.1:${listener.port}`)
    expect(await subjectAt(listener.port)).to.equal('one.example')
    await listener.stop(GRACE)
  })

  it('does not wait for a connection that never says a word', async () => {
    const listener = await openListener(options({ tls }), () => hello)
    const client = await open(listener.port)
    expect(await subjectAt(listener.port)).to.equal('one.example')
    await listener.stop(10 * 60_000)
    await client.closed
  })

  it('cuts off a handshake that has not finished when the grace is over', async () => {
    const listener = await openListener(options({ tls }), () => hello)
    const client = await open(listener.port)
    client.write(CLIENT_HELLO)
    expect(await subjectAt(listener.port)).to.equal('one.example')
    await listener.stop(10)
    await client.closed
  })

  it('gives a handshake the time that it gives headers', async () => {
    const listener = await openListener(
      options({ tls, limits: { ...limits, headersTime: 100 } }),
      () => hello,
    )
    await (await open(listener.port)).closed
    await listener.stop(GRACE)
  })

  it('does not open with a certificate that cannot be read', async () => {
    await rm(tls.key)
    expect(await failureOf(openListener(options({ tls }), () => hello))).to.contain(tls.key)
  })

  it('takes up a renewed certificate, and keeps the one before where the new is no use', async () => {
    const { createServer } = await import('node:https')
    const { readCertificate } = await import('../../../engine/http/tls.ts')
    const { lines, log } = recorder()
    const server = createServer(readCertificate(tls))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const unwatch = watchCertificate(server, tls, log, 10)

    await use('two')
    await until(() => renewed(lines))
    expect(await subjectAt(port)).to.equal('two.example')

    lines.length = 0
    await use('one', 'two')
    await until(() => lines.some(({ level }) => level === 'error'))
    expect(await subjectAt(port)).to.equal('two.example')

    unwatch()
    expect(server).to.be.instanceOf(SecureServer)
    await new Promise((resolve) => server.close(resolve))
  })
})

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
/** The first bytes of a handshake, and no more. */
const CLIENT_HELLO = Buffer.from([22, 3, 1])

/** A connection that is written to by hand, and keeps what it reads. */
async function open(port: number) {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  // A connection may be reset when it is cut off.
  socket.on('error', () => {})
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(text)))
  await new Promise<void>((resolve) => socket.once('connect', resolve))
  return {
    closed,
    write: (data: string | Buffer) => socket.write(data),
    end: () => socket.end(),
    /** Waits for the words, and forgets what came up to them. */
    async reads(words: string): Promise<void> {
      await until(() => text.includes(words) || socket.closed)
      if (!text.includes(words)) throw new Error(`closed after: ${text}`)
      text = text.slice(text.indexOf(words) + words.length)
    },
  }
}

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

const renewed = (lines: readonly Line[]) => lines.some(({ text }) => /renewed/.test(String(text)))

function subjectAt(port: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connectSecurely({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      const { CN } = socket.getPeerCertificate().subject
      resolve(String(CN))
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

async function failureOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('it did not fail')
}
