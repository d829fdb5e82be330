import { inspect } from 'node:util'
import type { Command } from 'commander'
import type { Gateway } from '../index.ts'
import { type AdminSecret, obtainAdminSecret } from './admin-secret.ts'
import type { Cli } from './cli.ts'
import type { ListenerAddress } from './workers.ts'

const MOST_WORKERS = 256

/** `sallyport start` */
export function addStart(program: Command, cli: Cli): void {
  program
    .command('start')
    .description('serve the gateway of SALLYPORT_CONFIG, by default the quickstart')
    .option('--workers <count>', 'processes that serve, where the stores let them', '1')
    .action(async (options: { readonly workers: string }) => {
      const workers = readCount(cli, options.workers)
      if (workers === 1) await serveAlone(cli)
      else await serveWithOthers(cli, workers)
    })
}

function readCount(cli: Cli, text: string): number {
  const count = Number(text)
  if (/^\d+$/.test(text) && count >= 1 && count <= MOST_WORKERS) return count
  return cli.wrongUsage(`--workers is ${text}; give a number from 1 to ${MOST_WORKERS}`)
}

async function serveAlone(cli: Cli): Promise<void> {
  const admin = obtainAdminSecret(cli.settings)
  showAddresses(cli, admin, await serve(cli, admin))
}

/** What a worker is started with leads here, too. */
async function serveWithOthers(cli: Cli, workers: number): Promise<void> {
  const { requireSharedStores, superviseWorkers, workAs } = await import('./workers.ts')
  const isWorker = await workAs((number) => serve(cli, obtainAdminSecret(cli.settings), number))
  if (isWorker) return
  const { requireSetUp } = await import('./policies.ts')
  const { config } = await requireSetUp(cli.settings)
  await requireSharedStores(config)
  const admin = obtainAdminSecret(cli.settings)
  const show = (listeners: readonly ListenerAddress[]) => showAddresses(cli, admin, listeners)
  process.exit(await superviseWorkers(workers, config, show))
}

async function serve(
  { settings }: Cli,
  { secret }: AdminSecret,
  worker?: number,
): Promise<readonly ListenerAddress[]> {
  const { config, env, keys } = settings
  const { createGateway } = await import('../index.ts')
  const numbered = worker === undefined ? {} : { worker }
  const gateway = await createGateway({ config, env, keys, adminSecret: secret, ...numbered })
  stopOnSignal(gateway)
  stopOnSurprise(gateway)
  return gateway.listen()
}

function showAddresses(
  { output }: Cli,
  admin: AdminSecret,
  listeners: readonly ListenerAddress[],
): void {
  for (const { name, origin } of listeners) output.hint(`${name}: ${origin}`)
  output.hint(describeAdmin(admin))
}

/** The first signal drains, the second ends at once. */
function stopOnSignal(gateway: Gateway): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      process.once(signal, () => process.exit(1))
      gateway.stop().then(
        () => process.exit(0),
        (error) => {
          process.stderr.write(`sallyport: the gateway did not stop cleanly: ${error}\n`)
          process.exit(1)
        },
      )
    })
  }
}

/** A promise that a filter has left alone: nobody knows what it was for, so the gateway ends, but in order. */
function stopOnSurprise(gateway: Gateway): void {
  const stop = (error: unknown) => {
    process.stderr.write(`sallyport: the gateway stops after a stray error: ${inspect(error)}\n`)
    process.exitCode = 1
    gateway.stop().finally(() => process.exit(1))
  }
  process.once('unhandledRejection', stop)
  process.once('uncaughtException', stop)
}

/** A terminal is a person's; whatever else reads the output may keep it. */
function describeAdmin({ secret, file, isNew }: AdminSecret): string {
  if (file === undefined) return 'administrator: admin, with SALLYPORT_ADMIN_SECRET'
  if (isNew && process.stderr.isTTY) return `administrator: admin, ${secret} (kept in ${file})`
  return `administrator: admin, with the secret in ${file}`
}
