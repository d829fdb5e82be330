import { createServer } from 'node:http'
import { expect } from 'chai'
import { send } from '../../../engine/http/respond.ts'
import { fixedHeaders } from '../../../engine/http/response-headers.ts'
import { call, close, listen } from './demo.ts'

describe('the headers of an answer', () => {
  it('are written in lower case', () => {
    expect(fixedHeaders({ ETag: '"1"', 'X-Pot': 'Tea' })).to.deep.equal({
      etag: '"1"',
      'x-pot': 'Tea',
    })
  })

  const refused: readonly [Readonly<Record<string, string>>, string][] = [
    [{ 'x y': '1' }, 'the header "x y" is no header name'],
    [{ '': '1' }, 'the header "" is no header name'],
    [{ 'x:y': '1' }, 'the header "x:y" is no header name'],
    [{ 'X-Break': 'a\r\nset-cookie: b' }, 'the header "X-Break" has characters in its value'],
    [{ 'X-Far': '\u4e2d' }, 'the header "X-Far" has characters in its value'],
    [{ 'Content-Length': '2' }, 'the header "Content-Length" is set by the gateway itself'],
    [{ 'transfer-encoding': 'chunked' }, 'the header "transfer-encoding" is set by the gateway'],
    [{ Connection: 'close' }, 'the header "Connection" is set by the gateway itself'],
    [{ ETag: '"1"', etag: '"2"' }, 'the header "etag" stands twice'],
  ]
  for (const [headers, message] of refused) {
    it(`are refused when a node is made: ${JSON.stringify(headers)}`, () => {
      expect(() => fixedHeaders(headers)).to.throw(message)
    })
  }

  it('do not say where the answer ends, whatever a filter wrote', async () => {
    const headers = { 'Content-Length': '1', 'transfer-encoding': 'chunked', Connection: 'Upgrade' }
    const server = createServer((_request, response) => {
      const answer = { status: 200, headers: { ...headers, 'x-demo': 'yes' }, body: 'whole' }
      send(response, answer, { requestId: 'one', close: true })
    })
    const answer = await call(await listen(server), '/')
    expect(answer).to.include({ status: 200, text: 'whole' })
    expect(answer.headers).to.include({
      'content-length': '5',
      connection: 'close',
      'x-demo': 'yes',
    })
    expect(answer.headers).not.to.have.property('transfer-encoding')
    await close(server)
  })
})
