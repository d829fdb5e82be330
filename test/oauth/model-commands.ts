import fc from 'fast-check'
import { authorizationCommands } from './model-authorizations.ts'
import { clientCommands } from './model-clients.ts'
import { type Command, command } from './model-command.ts'
import { tokenCommands } from './model-tokens.ts'

/** All that may happen, more often what more follows from. */
export function commands(): fc.Arbitrary<Command>[] {
  return [
    command('wait', [fc.constantFrom(1, 1, 20, 20, 40, 700)], async (model, real, seconds) => {
      model.now += seconds * 1000
      real.wait(seconds)
    }),
    command('purge', [], async (_model, real) => {
      for (const store of Object.values(real.records)) await store.purgeExpired(1000)
    }),

    ...clientCommands(),
    ...authorizationCommands(),
    ...tokenCommands(),
  ]
}
