import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectSecurely, Server as SecureServer } from 'node:tls'
import { expect } from 'chai'
import { openListener } from '../../../engine/http/listener.ts'
import { watchCertificate } from '../../../engine/http/tls.ts'
import {
  failureOf,
  GRACE,
  hello,
  limits,
  openByHand as open,
  listenerOptions as options,
  until,
} from './by-hand.ts'
import { type Line, recorder } from './demo.ts'

/** The first bytes of a handshake, and no more. */
const CLIENT_HELLO = Buffer.from([22, 3, 1])

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
