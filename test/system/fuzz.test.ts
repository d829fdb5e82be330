import { createHash } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import {
  type Answer,
  createPeer,
  type Peer,
  type RequestOptions,
} from '../conformance/requirement.ts'
import { dumpRecords } from '../support/dump.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'

const REQUESTS = Number(process.env.SALLYPORT_FUZZ_REQUESTS ?? 2000)
const BATCH = 50

const names = [
  'grant_type',
  'scope',
  'token',
  'token_type_hint',
  'client_id',
  'client_secret',
  'resource',
  '__proto__',
  'constructor',
  'toString',
]
const values = [
  'client_credentials',
  'read',
  'read write',
  'app',
  'app-secret',
  'api',
  'phone',
  'john-access',
  'phone-access',
  '',
  '*',
  '__proto__',
  '\u0000',
  '\ud800',
  'a'.repeat(5000),
]
const text = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...values) },
  fc.string({ unit: 'binary', maxLength: 40 }),
)
const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...names) },
  fc.string({ maxLength: 12 }),
)

/** Form bodies from well-formed to garbage. */
const body = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .array(fc.tuple(name, text), { maxLength: 6 })
      .map((pairs) => new URLSearchParams(pairs).toString()),
  },
  fc.string({ maxLength: 200 }),
  fc.constantFrom('%', '%zz', '%c3%28', '&&&', '=', 'a=1&a=2', 'x'.repeat(70_000), '{"token":1}'),
)
const contentType = fc.oneof(
  { weight: 6, arbitrary: fc.constant('application/x-www-form-urlencoded') },
  fc.constantFrom(
    'application/json',
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded; charset=utf-16',
    ';;;',
  ),
)
const authorization = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom('app:app-secret', 'api:api-secret', 'other:other-secret'),
  },
  fc.tuple(text, text).map((pair) => pair.join(':')),
)
const scheme = fc.oneof(
  { weight: 8, arbitrary: fc.constant('Basic') },
  fc.constantFrom('Bearer', 'basic', ''),
)
interface Fuzz {
  readonly path: string
  readonly method: string
  readonly contentType: string
  readonly body: string
  /** Scheme and text of an Authorization header. */
  readonly credentials: readonly [string, string] | null
}

const request: fc.Arbitrary<Fuzz> = fc.record({
  path: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('/oauth/token', '/oauth/introspect', '/oauth/revoke') },
    fc.constantFrom(
      '/oauth/token?client_secret=x',
      '/oauth/%74oken',
      '/oauth/revoke/',
      '/oauth//token',
      '/oauth/%',
      '/%2e%2e/oauth/token',
    ),
  ),
  method: fc.oneof(
    { weight: 9, arbitrary: fc.constant('POST') },
    fc.constantFrom('GET', 'PUT', 'HEAD', 'OPTIONS'),
  ),
  contentType,
  body,
  credentials: fc.option(fc.tuple(scheme, authorization)),
})
/** Some must succeed, or nothing could have changed. */
const sound: fc.Arbitrary<Fuzz> = fc
  .constantFrom(
    ['/oauth/token', 'app:app-secret', 'grant_type=client_credentials&scope=read'],
    ['/oauth/introspect', 'api:api-secret', 'token=john-access'],
    ['/oauth/revoke', 'app:app-secret', 'token=john-access'],
    ['/oauth/revoke', 'app:app-secret', 'token=phone-access'],
  )
  .map(([path = '', credentials = '', form = '']) => ({
    path,
    method: 'POST',
    contentType: 'application/x-www-form-urlencoded',
    body: form,
    credentials: ['Basic', credentials],
  }))
function toOptions({ method, contentType: type, body: form, credentials }: Fuzz): RequestOptions {
  const hasBody = method === 'POST' || method === 'PUT'
  return {
    method,
    headers: {
      ...(credentials && {
        authorization: `${credentials[0]} ${Buffer.from(credentials[1]).toString('base64')}`,
      }),
      ...(hasBody && { 'content-type': type }),
    },
    ...(hasBody && { form }),
  }
}

/** What a 200 states: a token issued is there, a token revoked is gone. */
function applyAnswer(expected: Set<string>, { path, body: sent }: Fuzz, answer: Answer): void {
  if (answer.status !== 200) return
  if (/^\/oauth\/(%74|t)oken/.test(path)) expected.add(keyOf(String(answer.json.access_token)))
  if (path === '/oauth/revoke') {
    expected.delete(keyOf(new URLSearchParams(sent).get('token') ?? ''))
  }
}

const keyOf = (token: string) => createHash('sha256').update(token).digest('base64url')

describe('the endpoints under random requests', () => {
  let gateway: TestGateway
  let peer: Peer

  before(async () => {
    gateway = await startGateway({ sampleData: 'test/conformance/sample-data.json' })
    peer = createPeer(gateway.traffic)
  })
  after(() => gateway.stop())

  it(`answer ${REQUESTS} of them without a 5xx, and change only what they say`, async function () {
    this.timeout(60_000 + REQUESTS * 20)
    const before = await dumpRecords(gateway)
    expect(before.tokens.size).to.be.greaterThan(0)
    const expected = new Set(before.tokens.keys())
    const one = fc.oneof({ weight: 9, arbitrary: request }, sound)
    const batch = fc.array(one, { minLength: BATCH, maxLength: BATCH })
    await fc.assert(
      fc.asyncProperty(batch, async (requests) => {
        const answers = await Promise.all(
          requests.map((sent) => peer.send(sent.path, toOptions(sent))),
        )
        for (const [index, sent] of requests.entries()) {
          const answer = answers[index] as Answer
          expect(answer.status, JSON.stringify(sent)).to.be.within(200, 499)
          expect(answer.text).not.to.match(/\bat .+:\d+:\d+|node_modules|\.ts\b/)
          applyAnswer(expected, sent, answer)
        }
      }),
      { numRuns: Math.ceil(REQUESTS / BATCH), endOnFailure: true },
    )
    const after = await dumpRecords(gateway)
    expect(expected.size, 'nothing was issued').to.be.greaterThan(before.tokens.size)
    expect([...after.tokens.keys()].sort()).to.deep.equal([...expected].sort())
    expect(after.others).to.deep.equal(before.others)
    for (const [key, token] of before.tokens) {
      if (after.tokens.has(key)) expect(after.tokens.get(key)).to.deep.equal(token)
    }
  })
})
