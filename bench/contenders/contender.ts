import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { root } from '../plan.ts'
import { type ServerProcess, startServer } from '../server-process.ts'

export const contenderNames = [
  'Sallyport, LMDB',
  'limit, LMDB',
  'Sallyport, memory',
  'limit, memory',
  'oidc-provider',
  'express-oauth-server',
] as const
export type ContenderName = (typeof contenderNames)[number]

/** A server that is measured. */
export interface Contender {
  readonly name: ContenderName
  readonly address: string
  readonly process: ServerProcess
}

const QUICKSTART = join(root, 'samples/quickstart/gateway.json')
const LONGEST_START = 20_000

/** Starts a contender; what it keeps and what it prints goes into a folder of its own. */
export async function startContender(name: ContenderName, folder: string): Promise<Contender> {
  const home = join(folder, name.replace(/\W+/g, '-'))
  await mkdir(home, { recursive: true })
  switch (name) {
    case 'Sallyport, LMDB':
      return startSallyport(name, home, QUICKSTART)
    case 'Sallyport, memory':
      return startSallyport(name, home, await writeMemoryConfig(home))
    case 'limit, LMDB':
      return startPeer(name, home, ['limit.ts', 'lmdb', join(home, 'data')])
    case 'limit, memory':
      return startPeer(name, home, ['limit.ts', 'memory'])
    default:
      return startPeer(name, home, [`${name}.ts`])
  }
}

async function startPeer(
  name: ContenderName,
  home: string,
  [module = '', ...args]: readonly string[],
): Promise<Contender> {
  const file = fileURLToPath(new URL(module, import.meta.url))
  const process = startServer(['--import', 'tsx', file, ...args], {
    log: join(home, 'log'),
    env: { NODE_ENV: 'production' },
  })
  const [{ address }] = await Promise.race([once(process.child, 'message'), process.died])
  return { name, address, process }
}

async function startSallyport(
  name: ContenderName,
  home: string,
  config: string,
): Promise<Contender> {
  const { args, env, address } = await sallyportCommand(home, config)
  const process = startServer(args, { log: join(home, 'log'), env })
  await Promise.race([answers(address), process.died])
  return { name, address, process }
}

/** How an operator starts Sallyport, on free ports and a folder of its own. */
export async function sallyportCommand(home: string, config = QUICKSTART) {
  const [traffic, management] = await Promise.all([freePort(), freePort()])
  return {
    args: [join(root, 'dist/cli/index.js'), 'start'],
    address: `http://127.0.0.1:${traffic}`,
    env: {
      SALLYPORT_CONFIG: config,
      SALLYPORT_DATA: join(home, 'data'),
      SALLYPORT_KEYS: join(home, 'keys'),
      SALLYPORT_TRAFFIC_PORT: String(traffic),
      SALLYPORT_MANAGEMENT_PORT: String(management),
    },
  }
}

/** The quickstart with another store; all else, policies included, is as shipped. */
async function writeMemoryConfig(home: string): Promise<string> {
  const config = JSON.parse(await readFile(QUICKSTART, 'utf8'))
  const absolute = (path: string) => resolve(dirname(QUICKSTART), path)
  const changed = {
    ...config,
    $schema: absolute(config.$schema),
    policies: absolute(config.policies),
    sampleData: absolute(config.sampleData),
    stores: { main: { adapter: 'memory' } },
  }
  const file = join(home, 'gateway.json')
  await writeFile(file, JSON.stringify(changed, undefined, 2))
  return file
}

async function answers(address: string): Promise<void> {
  const end = Date.now() + LONGEST_START
  while (Date.now() < end) {
    const response = await fetch(`${address}/.well-known/oauth-authorization-server`).catch(
      () => undefined,
    )
    if (response?.ok) return
    await wait(20)
  }
  throw new Error(`${address} did not answer within ${LONGEST_START} ms`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
