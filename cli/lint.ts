import type { Command } from 'commander'
import { FindingsError } from '../engine/policy/finding.ts'
import type { Cli } from './cli.ts'

/** `sallyport lint` */
export function addLint(program: Command, cli: Cli): void {
  program
    .command('lint')
    .description('check gateway.json and all that it names, as a start does')
    .action(async () => {
      const { checkSetUp } = await import('../index.ts')
      const { findings, policies } = await checkSetUp(cli.settings)
      if (findings.length > 0) throw new FindingsError(findings)
      cli.output.result(
        { findings: [], policies: [...policies.keys()] },
        (result) => `${cli.settings.config}: ${result.policies.length} policies, nothing to find`,
      )
    })
}
