import { defineFilter } from '../../engine/index.ts'

export default defineFilter({
  name: 'store/lock',
  summary: 'Locks every store: nothing is written any more, and reads go on.',
  outcomes: ['success'],
  writes: { success: ['store.locks'] },
  create(_config, services) {
    return async function lockStores(message) {
      const stores = await Promise.all(
        services.stores().map(async ({ name, lock }) => ({
          name,
          locked: (await lock.look()) ?? (await lock.set('locked')),
          // Other processes hear of it a little later.
          settledIn: lock.settledIn,
        })),
      )
      message.set('store.locks', { stores })
      return 'success' as const
    }
  },
})
