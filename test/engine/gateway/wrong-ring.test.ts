import { expect } from 'chai'
import { isMisuse } from '../../../engine/stores/contract.ts'
import { gatewayJson, SetUp } from './demo.ts'

describe('a gateway whose key ring is not that of its store', () => {
  let setUp: SetUp

  beforeEach(async () => {
    setUp = await SetUp.make()
    const stores = { main: { adapter: 'lmdb', path: setUp.path('data') } }
    await setUp.write({ 'gateway.json': gatewayJson({ stores }) })
  })
  afterEach(() => setUp.remove())

  it('does not start, and leaves the store to the right one', async () => {
    const open = async (keys: string) => (await setUp.open({ keys: setUp.path(keys) })).stop()
    await open('keys')
    const error = await open('lost').catch((cause: unknown) => cause)
    expect(isMisuse(error)).to.equal(true)
    expect(String(error)).to.contain('"main"').and.contain(setUp.path('lost'))
    await open('keys')
  })
})
