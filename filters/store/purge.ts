import { defineFilter, purgeAll } from '../../engine/index.ts'

export default defineFilter({
  name: 'store/purge',
  summary: 'Removes every expired record at once instead of at the interval.',
  outcomes: ['success'],
  writes: { success: ['store.purged'] },
  create(_config, services) {
    return async function purgeStores(message) {
      const purged = []
      for (const store of services.collections()) {
        message.signal.throwIfAborted()
        const removed = await purgeAll(store, () => !message.signal.aborted)
        purged.push({ name: store.name, removed })
      }
      message.set('store.purged', { collections: purged })
      return 'success' as const
    }
  },
})
