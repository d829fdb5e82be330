import { storeContract } from '../../../engine/stores/contract-suite.ts'
import { openConnection } from '../../../engine/stores/open.ts'
import { useFolder } from './folder.ts'

describe('LMDB', () => {
  const folder = useFolder()

  storeContract(
    { describe, it },
    {
      name: 'the LMDB store',
      connect: () => openConnection('main', { adapter: 'lmdb', path: folder() }),
      durable: true,
    },
  )
})
