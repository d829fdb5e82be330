import autocannon, { type Client, type Options, type Result } from 'autocannon'
import { CONNECTIONS } from './plan.ts'
import { quantile } from './statistics.ts'

/** What 32 connections send, each one request after the other. */
export interface Load {
  readonly address: string
  readonly path: string
  readonly authorization: string
  /** Form bodies, shared out among the connections. */
  readonly bodies: readonly string[]
  /** Absent: every body is sent once. */
  readonly seconds?: number
  /** Sees every answer's body; false ends the benchmark. */
  accept(body: string): boolean
}

export interface Measured {
  readonly requests: number
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
}

/** Autocannon looks this often whether it should stop; in milliseconds. */
const TICK = 10

/** Sends the load. Throws if a single answer is not the one expected. */
export async function send(load: Load): Promise<Measured> {
  const { address, bodies, seconds } = load
  const shares = shareOut(bodies)
  const latencies: number[] = []
  let unexpected: string | undefined
  let clients = 0
  let start = 0
  let end = 0

  function setupClient(client: Client): void {
    const share = shares[clients++ % shares.length] ?? []
    client.setRequests(share.map((body) => requestOf(load, body)))
  }

  function verifyBody(answer: unknown): boolean {
    const body = String(answer)
    const isExpected = load.accept(body)
    if (!isExpected) unexpected ??= body
    return isExpected
  }

  const options: Options = {
    url: address,
    connections: shares.length,
    sampleInt: TICK,
    setupClient,
    verifyBody,
    ...(seconds === undefined ? { amount: bodies.length } : { duration: seconds }),
  }
  const result = await new Promise<Result>((resolve, reject) => {
    const running = autocannon(options, (error, done) => (error ? reject(error) : resolve(done)))
    running.on('start', () => {
      start = performance.now()
    })
    running.on('response', (_client, _status, _bytes, latency) => {
      end = performance.now()
      latencies.push(latency)
    })
  })
  const { errors, timeouts, mismatches, non2xx } = result
  if (errors + timeouts + mismatches + non2xx > 0 || latencies.length === 0) {
    throw new Error(
      `${address}${load.path}: ${latencies.length} answers, ${non2xx} of them not 2xx, ${mismatches} not as expected, ${errors} errors; ${unexpected ?? JSON.stringify(result.statusCodeStats)}`,
    )
  }
  const sorted = Float64Array.from(latencies).sort()
  return {
    requests: sorted.length,
    perSecond: (sorted.length / (end - start)) * 1000,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
  }
}

function requestOf({ path, authorization }: Load, body: string) {
  const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' }
  return { method: 'POST', path, headers, body } as const
}

/** As autocannon shares out its `amount`: equal parts, the first ones longer by one. */
function shareOut(bodies: readonly string[]): readonly (readonly string[])[] {
  if (bodies.length < CONNECTIONS) return Array.from({ length: CONNECTIONS }, () => bodies)
  return Array.from({ length: CONNECTIONS }, (_, connection) =>
    bodies.filter((_, position) => position % CONNECTIONS === connection),
  )
}
