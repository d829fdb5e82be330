import { inspect } from 'node:util'
import type { Command } from 'commander'
import type { Gateway } from '../index.ts'
import { type AdminSecret, obtainAdminSecret } from './admin-secret.ts'
import type { Cli } from './cli.ts'

/** `sallyport start` */
export function addStart(program: Command, cli: Cli): void {
  program
    .command('start')
    .description('serve the gateway of SALLYPORT_CONFIG, by default the quickstart')
    .action(async () => {
      const { config, env, keys } = cli.settings
      const { createGateway } = await import('../index.ts')
      const admin = obtainAdminSecret(cli.settings)
      const gateway = await createGateway({ config, env, keys, adminSecret: admin.secret })
      stopOnSignal(gateway)
      stopOnSurprise(gateway)
      const listeners = await gateway.listen()
      for (const { name, origin } of listeners) cli.output.hint(`${name}: ${origin}`)
      cli.output.hint(describeAdmin(admin))
    })
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
