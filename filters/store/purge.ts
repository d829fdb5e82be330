import { defineFilter } from '../../engine/index.ts'

const BATCH = 1000

export default defineFilter({
  name: 'store/purge',
  summary: 'Removes every expired record at once instead of at the interval.',
  outcomes: ['success'],
  writes: { success: ['store.purged'] },
  create(_config, services) {
    return async function purgeStores(message) {
      const purged = []
      for (const store of services.collections()) {
        let removed = 0
        for (let batch = BATCH; batch === BATCH && !message.signal.aborted; removed += batch) {
          batch = await store.purgeExpired(BATCH)
        }
        purged.push({ name: store.name, removed })
      }
      message.set('store.purged', { collections: purged })
      return 'success' as const
    }
  },
})
