import { defineFilter } from '../../engine/index.ts'

export default defineFilter({
  name: 'store/status',
  summary:
    'Tells of every store whether it answers, how fast, and whether it is locked; and what it holds.',
  outcomes: ['success'],
  writes: { success: ['store.status'] },
  create(_config, services) {
    return async function readStatus(message) {
      const [stores, collections] = await Promise.all([
        Promise.all(
          services.stores().map(async ({ name, health, lock }) => {
            const found = await health()
            const locked = found.reachable ? await lock.look() : undefined
            return { name, ...found, ...(locked && { locked }) }
          }),
        ),
        Promise.all(
          services.collections().map(async (store) => {
            const health = await store.health()
            return { name: store.name, ...health, ...(health.reachable && (await store.size())) }
          }),
        ),
      ])
      message.set('store.status', { stores, collections })
      return 'success' as const
    }
  },
})
