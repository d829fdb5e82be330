import { defineFilter } from '../../engine/index.ts'

export default defineFilter({
  name: 'store/status',
  summary: 'Tells of every collection whether it answers, how fast, and how much it holds.',
  outcomes: ['success'],
  writes: { success: ['store.status'] },
  create(_config, services) {
    return async function readStatus(message) {
      const collections = await Promise.all(
        services.collections().map(async (store) => {
          const health = await store.health()
          return { name: store.name, ...health, ...(health.reachable && (await store.size())) }
        }),
      )
      message.set('store.status', { collections })
      return 'success' as const
    }
  },
})
