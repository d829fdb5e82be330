import { openSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createLog } from '../../engine/gateway/log.ts'
import { createGateway, type Gateway } from '../../index.ts'
import { keepOutput, learnSecret } from './evidence.ts'

export const ADMIN_SECRET = 'the-administrator'

learnSecret(ADMIN_SECRET)

/** The quickstart on ports and in a folder of its own, in this process. */
export interface TestGateway {
  readonly gateway: Gateway
  readonly traffic: string
  readonly management: string
  /** The folder of its LMDB store. */
  readonly data: string
  /** Everything that it has logged. */
  readLog(): Promise<string>
  stop(): Promise<void>
}

interface GatewayChanges {
  /** Path of a sample-data file, in place of the quickstart's. */
  readonly sampleData?: string
  readonly adapter?: 'memory' | 'lmdb'
}

/** Starts the shipped policies and routes, with the changes named and no others. */
export async function startGateway(changes: GatewayChanges = {}): Promise<TestGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-gateway-'))
  const config = join(folder, 'gateway.json')
  const logFile = join(folder, 'log')
  await writeFile(config, JSON.stringify(await changeQuickstart(changes)))
  const log = createLog('debug', openSync(logFile, 'a'))
  const gateway = await createGateway({
    config,
    env: {
      SALLYPORT_TRAFFIC_PORT: '0',
      SALLYPORT_MANAGEMENT_PORT: '0',
      SALLYPORT_DATA: join(folder, 'data'),
    },
    keys: join(folder, 'keys'),
    adminSecret: ADMIN_SECRET,
    log,
  })
  const listeners = await gateway.listen()
  const originOf = (name: string) => listeners.find((one) => one.name === name)?.origin ?? ''
  return {
    gateway,
    traffic: originOf('traffic'),
    management: originOf('management'),
    data: join(folder, 'data'),
    readLog() {
      log.flush()
      return readFile(logFile, 'utf8')
    },
    async stop() {
      await gateway.stop()
      log.flush()
      keepOutput('the log of a gateway', await readFile(logFile, 'utf8'))
      await rm(folder, { recursive: true })
    },
  }
}

async function changeQuickstart({ sampleData, adapter }: GatewayChanges): Promise<object> {
  const quickstart = resolve('samples/quickstart')
  const config = JSON.parse(await readFile(join(quickstart, 'gateway.json'), 'utf8'))
  return {
    ...config,
    policies: resolve('policies'),
    sampleData: resolve(sampleData ?? join(quickstart, config.sampleData)),
    ...(adapter === 'memory' && { stores: { main: { adapter } } }),
  }
}
