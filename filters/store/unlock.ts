import { defineFilter } from '../../engine/index.ts'

export default defineFilter({
  name: 'store/unlock',
  summary: 'Opens every store that was locked; a copy that was not finished stays closed.',
  outcomes: ['success'],
  writes: { success: ['store.locks'] },
  create(_config, services) {
    return async function unlockStores(message) {
      const stores = await Promise.all(
        services.stores().map(async ({ name, lock }) => {
          const locked = await lock.look()
          if (locked?.state === 'unfinished') return { name, locked }
          if (locked) await lock.release()
          return { name }
        }),
      )
      message.set('store.locks', { stores })
      return 'success' as const
    }
  },
})
