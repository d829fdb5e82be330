import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

// Installs what is measured against, if it is not there yet, and measures with the load on core 1.
const here = dirname(fileURLToPath(import.meta.url))
if (!existsSync(`${here}/node_modules`)) run('npm', ['ci', '--no-audit', '--no-fund'])

const pinned = availableParallelism() > 1 && spawnSync('taskset', ['-V']).status === 0
const measure = [process.execPath, '--import', 'tsx', `${here}/main.ts`]
const [command = '', ...args] = pinned ? ['taskset', '-c', '1', ...measure] : measure
run(command, args, { BENCH_PINNED: pinned ? '1' : '' })

function run(command, args, env = {}) {
  const options = { cwd: here, stdio: 'inherit', env: { ...process.env, ...env } }
  const { status, error } = spawnSync(command, args, options)
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}
