#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command, CommanderError } from 'commander'
import { administration } from './administration.ts'
import { addApps } from './apps.ts'
import type { Cli } from './cli.ts'
import { explain } from './explain.ts'
import { addLint } from './lint.ts'
import { createOutput } from './output.ts'
import { packageRoot, readSettings } from './settings.ts'
import { addStart } from './start.ts'
import { addStore } from './store.ts'
import { addTest } from './test.ts'
import { addTokens } from './tokens.ts'
import { addTrace } from './trace.ts'

const WRONG_USAGE = 2

const program = new Command('sallyport')
  .description('an OAuth 2.0 token and authorization manager whose every endpoint is a JSON policy')
  .version(readVersion())
  .option('--json', 'write results as JSON')
  .addHelpText(
    'after',
    '\nSettings come from the environment: SALLYPORT_CONFIG, SALLYPORT_DATA, SALLYPORT_KEYS, …; see docs/operating.md.',
  )
  .showHelpAfterError('(add --help to see what there is)')
  .exitOverride()

// What it makes (stores, keys, secrets) is nobody else's to read.
process.umask(0o077)

// Whoever reads only the beginning, as `head` does, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

const settings = readSettings()
const cli: Cli = {
  settings,
  get output() {
    return createOutput(program.opts().json === true)
  },
  ...administration(settings),
  wrongUsage: (message) => program.error(`error: ${message}`),
}

for (const add of [addStart, addLint, addTest, addTrace, addApps, addTokens, addStore]) {
  add(program, cli)
}

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = error instanceof CommanderError ? usageExit(error) : fail(error)
}

/** Commander has told already what is wrong; asking for help is no mistake. */
function usageExit({ exitCode }: CommanderError): number {
  return exitCode === 0 ? 0 : WRONG_USAGE
}

function fail(error: unknown): number {
  const problem = explain(error)
  if (cli.output.json) cli.output.result(problem, () => '')
  else process.stderr.write(`${problem.message}\n`)
  return 1
}

function readVersion(): string {
  const manifest = readFileSync(join(packageRoot(), 'package.json'), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
