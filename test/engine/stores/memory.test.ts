import { storeContract } from '../../../engine/stores/contract-suite.ts'
import { openConnection } from '../../../engine/stores/open.ts'

storeContract(
  { describe, it },
  {
    name: 'the memory store',
    connect: () => openConnection('main', { adapter: 'memory' }),
    durable: false,
  },
)
