import { createServer, type Server } from 'node:http'
import { connect } from 'node:net'
import { expect } from 'chai'
import { trafficHandler } from '../../../engine/http/handler.ts'
import { call, close, demoPrograms, type Line, listen, recorder } from './demo.ts'

describe('the traffic handler, of odd requests,', () => {
  let server: Server
  let port: number
  let lines: readonly Line[]
  let isHeldUp: boolean

  before(async () => {
    const recorded = recorder()
    lines = recorded.lines
    const handle = trafficHandler(
      [{ methods: ['POST'], path: '/echo', target: demoPrograms()('echo') }],
      {
        log: recorded.log,
        confidential: new Set(),
        bodyLimit: 1000,
        trustedProxies: [],
        origin: 'http://localhost',
      },
    )
    server = createServer((request, response) => {
      if (isHeldUp) request.once('close', () => handle(request, response))
      else handle(request, response)
    })
    port = await listen(server)
  })
  beforeEach(() => {
    isHeldUp = false
  })
  after(() => close(server))

  it('does not wait for a body whose sender is gone already', async () => {
    isHeldUp = true
    const socket = connect(port, '127.0.0.1')
    const received = new Promise((resolve) => server.once('request', resolve))
    socket.write('POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf')
    await received
    socket.destroy()
    while (lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(lines[0]).to.include({ level: 'info', clientGone: true })
  })

  it('describes what is wrong in the characters of RFC 6749, whatever was sent', async () => {
    const name = `%22%5C%0D%0A%C3%BC${'x'.repeat(60)}`
    const { text } = await call(port, '/echo', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `${name}=1&${name}=2`,
    })
    expect(JSON.parse(text).error_description)
      .to.match(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/)
      .and.to.contain("'????xxx")
      .and.to.contain('xxx...')
  })
})
