import type { Command } from 'commander'
import type { Cli } from './cli.ts'
import { formatTable } from './output.ts'

interface Application {
  readonly clientId: string
  readonly name: string
  readonly type: string
  readonly enabled: boolean
  readonly grants: readonly string[]
  readonly scopes: readonly string[]
  readonly secret?: string
}

interface CreateOptions {
  readonly id?: string
  readonly secret?: string
  readonly name?: string
  readonly public?: true
  readonly grant: readonly string[]
  readonly redirectUri: readonly string[]
  readonly scope?: string
  readonly defaultScope?: string
  readonly introspect?: true
}

const SWITCHES = {
  disable: 'disable a client application; as long as it is disabled, all its tokens are dead',
  enable: 'enable a client application again, and with it its tokens',
}

const collect = (value: string, values: readonly string[]) => [...values, value]
const split = (scopes: string | undefined) => scopes?.split(' ').filter(Boolean) ?? []

/** `sallyport apps`: the client applications. */
export function addApps(program: Command, cli: Cli): void {
  const apps = program
    .command('apps')
    .description('client applications: create, list, show, disable, enable')

  apps
    .command('create')
    .description('register a client application; its secret is shown once')
    .option('--id <client id>', 'by default made up')
    .option('--secret <secret>', 'by default made up, which is safer')
    .option('--name <name>', 'what people call it')
    .option('--public', 'a public client: it has no secret')
    .option('--grant <type>', 'a grant type it may use; repeatable', collect, [])
    .option('--redirect-uri <uri>', 'where it may be sent back to; repeatable', collect, [])
    .option('--scope <"a b">', 'the scopes it may ask for')
    .option('--default-scope <"a b">', 'the scopes it gets when it asks for none')
    .option('--introspect', 'it may introspect tokens: a resource server')
    .action(async (options: CreateOptions) => {
      const application = await cli.administer<Application>({
        method: 'POST',
        path: '/sallyport/applications',
        mayMakeStore: true,
        json: {
          clientId: options.id,
          secret: options.secret,
          name: options.name,
          type: options.public ? 'public' : 'confidential',
          grants: options.grant,
          redirectUris: options.redirectUri,
          scopes: split(options.scope),
          defaultScopes: split(options.defaultScope),
          privileges: options.introspect ? ['introspect'] : [],
        },
      })
      cli.output.result(application, formatApplication)
      if (application.secret) cli.output.hint('The secret is not shown again: keep it now.')
    })

  apps
    .command('list')
    .description('list all client applications')
    .action(async () => {
      const all = await cli.collect<Application>('/sallyport/applications', 'applications')
      cli.output.result(all, (list) =>
        formatTable(
          ['CLIENT', 'NAME', 'TYPE', 'STATE', 'GRANTS', 'SCOPES'],
          list.map((app) => [
            app.clientId,
            app.name,
            app.type,
            app.enabled ? 'enabled' : 'disabled',
            app.grants.join(' '),
            app.scopes.join(' '),
          ]),
        ),
      )
    })

  apps
    .command('show <client>')
    .description('show one client application')
    .action(async (client: string) => {
      const path = `/sallyport/applications/${encodeURIComponent(client)}`
      cli.output.result(
        await cli.administer<Application>({ method: 'GET', path }),
        formatApplication,
      )
    })

  for (const [verb, description] of Object.entries(SWITCHES)) {
    apps
      .command(`${verb} <client>`)
      .description(description)
      .action(async (client: string) => {
        const path = `/sallyport/applications/${encodeURIComponent(client)}/${verb}`
        const application = await cli.administer<Application>({ method: 'POST', path })
        cli.output.result(application, formatApplication)
      })
  }
}

function formatApplication(application: Application): string {
  return Object.entries(application)
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(' ') : String(value)}`)
    .join('\n')
}
