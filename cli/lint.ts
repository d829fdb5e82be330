import type { Command } from 'commander'
import type { Cli } from './cli.ts'

/** `sallyport lint` */
export function addLint(program: Command, cli: Cli): void {
  program
    .command('lint')
    .description('check gateway.json and all that it names, as a start does')
    .action(async () => {
      const { requireSetUp } = await import('./policies.ts')
      const { policies } = await requireSetUp(cli.settings)
      cli.output.result(
        { findings: [], policies: [...policies.keys()] },
        (result) => `${cli.settings.config}: nothing to find in ${count(result.policies)}`,
      )
    })
}

const count = ({ length }: readonly string[]) => (length === 1 ? '1 policy' : `${length} policies`)
