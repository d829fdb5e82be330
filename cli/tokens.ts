import type { Command } from 'commander'
import type { Cli } from './cli.ts'
import { formatTable } from './output.ts'

interface TokenView {
  readonly id: string
  readonly kind: string
  readonly client: string
  readonly owner?: string
  readonly scopes: readonly string[]
  /** ISO 8601. */
  readonly expires: string
}

/** `sallyport tokens`: what has been issued. Tokens are named by their ids; nobody has their texts. */
export function addTokens(program: Command, cli: Cli): void {
  const tokens = program.command('tokens').description('issued tokens: list, revoke')

  tokens
    .command('list')
    .description('list the living tokens of a client or of an owner')
    .option('--client <client id>')
    .option('--owner <owner>')
    .action(async ({ client, owner }: { client?: string; owner?: string }) => {
      const query = client === undefined ? `owner=${encode(owner)}` : `client=${encode(client)}`
      if ((client === undefined) === (owner === undefined)) {
        cli.wrongUsage('give either --client or --owner')
      }
      const all = await cli.collect<TokenView>(`/sallyport/tokens?${query}`, 'tokens')
      cli.output.result(all, (list) =>
        formatTable(
          ['ID', 'KIND', 'CLIENT', 'OWNER', 'SCOPES', 'EXPIRES'],
          list.map((token) => [
            token.id,
            token.kind,
            token.client,
            token.owner ?? '',
            token.scopes.join(' '),
            token.expires,
          ]),
        ),
      )
    })

  tokens
    .command('revoke <id>')
    .description('revoke one token by the id that `tokens list` shows')
    .action(async (id: string) => {
      const path = `/sallyport/tokens/${encode(id)}`
      const token = await cli.administer<TokenView>({ method: 'DELETE', path })
      cli.output.result(token, ({ kind, client }) => `revoked: ${kind} token of ${client}`)
    })
}

const encode = (text: string | undefined) => encodeURIComponent(text ?? '')
