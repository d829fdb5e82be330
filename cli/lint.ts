import type { Command } from 'commander'
import type { Cli } from './cli.ts'

/** `sallyport lint` */
export function addLint(program: Command, cli: Cli): void {
  program
    .command('lint')
    .description('check gateway.json and all that it names, as a start does, but touch no store')
    .action(async () => {
      const { checkSetUp } = await import('../index.ts')
      const { rehearse } = await import('../engine/gateway/rehearse.ts')
      const { FindingsError } = await import('../engine/policy/finding.ts')
      const checked = await checkSetUp(cli.settings)
      const findings = await rehearse(checked, cli.settings.env)
      if (findings.length > 0) throw new FindingsError(findings)
      const { policies } = checked
      cli.output.result(
        { findings: [], policies: [...policies.keys()] },
        (result) => `${cli.settings.config}: nothing to find in ${count(result.policies)}`,
      )
    })
}

const count = ({ length }: readonly string[]) => (length === 1 ? '1 policy' : `${length} policies`)
