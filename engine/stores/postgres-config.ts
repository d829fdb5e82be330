import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { PoolConfig } from 'pg'

export interface PoolSettings {
  readonly url: string
  readonly ca?: string | undefined
  readonly certificate?: string | undefined
  readonly key?: string | undefined
  readonly poolSize: number
  /** Milliseconds; the server and the network get a little less. */
  readonly deadline: number
  readonly readOnly: boolean
}

/** What a pool is opened with; it makes its connections on the streams given. */
export function connectionConfig(settings: PoolSettings, stream: () => Socket): PoolConfig {
  const { deadline, poolSize, readOnly } = settings
  const share = (part: number) => Math.max(50, Math.floor(deadline * part))
  return {
    ...address(settings),
    stream,
    max: poolSize,
    connectionTimeoutMillis: share(0.7),
    statement_timeout: share(0.8),
    idle_in_transaction_session_timeout: share(0.8),
    // A frozen server does not mind its own limits.
    query_timeout: share(0.9),
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    application_name: 'sallyport',
    options: [
      // Plans are made while tables are empty, and kept; what suits an empty table stops a full one.
      'enable_seqscan=off',
      'jit=off',
      // What has been answered must have been written, whatever the database does by default.
      'synchronous_commit=on',
      // A look-up takes less time than planning it.
      'plan_cache_mode=force_generic_plan',
      ...(readOnly ? ['default_transaction_read_only=on'] : []),
    ]
      .map((setting) => `-c ${setting}`)
      .join(' '),
  }
}

/** Given files decide on TLS; what the url says of it would win over them. */
function address({ url, ca, certificate, key }: PoolSettings): PoolConfig {
  if (ca === undefined && certificate === undefined && key === undefined) {
    return { connectionString: url }
  }
  const plain = new URL(url)
  for (const name of [...plain.searchParams.keys()]) {
    if (name.startsWith('ssl')) plain.searchParams.delete(name)
  }
  return {
    connectionString: plain.href,
    ssl: {
      rejectUnauthorized: true,
      ...(ca !== undefined && { ca: readFileSync(ca) }),
      ...(certificate !== undefined && { cert: readFileSync(certificate) }),
      ...(key !== undefined && { key: readFileSync(key) }),
    },
  }
}
