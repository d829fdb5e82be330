import fc from 'fast-check'
import type { Model } from './model.ts'
import { authorizationCommands } from './model-authorizations.ts'
import { clientCommands } from './model-clients.ts'
import { type Command, command, type Real, times } from './model-command.ts'
import { tokenCommands } from './model-tokens.ts'

/** All that may happen, more often what more follows from. */
export function commands(): fc.Arbitrary<Command>[] {
  return [
    command('wait', [fc.constantFrom(1, 1, 20, 20, 40, 60, 700)], async (model, real, seconds) => {
      wait(model, real, seconds)
    }),
    command('purge', [], async (_model, real) => {
      for (const store of Object.values(real.records)) await store.purgeExpired(1000)
    }),

    ...times(
      2,
      command('sweep', [fc.constantFrom(0, 20, 60)], async (model, real, seconds) => {
        wait(model, real, seconds)
        await real.sweeper.sweep(1000)
        model.sweep()
      }),
    ),

    ...clientCommands(),
    ...authorizationCommands(),
    ...tokenCommands(),
  ]
}

function wait(model: Model, real: Real, seconds: number): void {
  model.now += seconds * 1000
  real.wait(seconds)
}
