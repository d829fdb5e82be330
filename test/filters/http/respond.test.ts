import { expect } from 'chai'
import { testFilter } from '../../../engine/policy/test-filter.ts'
import respond from '../../../filters/http/respond.ts'

async function answer(config: Readonly<Record<string, unknown>>) {
  return (await testFilter(respond, { config })).message.get('response')
}

describe('http/respond', () => {
  it('answers 200 with nothing where it is told nothing', async () => {
    expect(await answer({})).to.deep.equal({ status: 200, headers: {}, body: '' })
  })

  it('answers what the settings say, with header names in lower case', async () => {
    const config = {
      status: 418,
      headers: { 'Cache-Control': 'no-store', 'X-Pot': 'Tea' },
      body: 'short and stout',
    }
    expect(await answer(config)).to.deep.equal({
      status: 418,
      headers: { 'cache-control': 'no-store', 'x-pot': 'Tea' },
      body: 'short and stout',
    })
  })

  it('is not created with a header that no answer can carry', async () => {
    for (const headers of [{ 'x y': '1' }, { 'Content-Length': '3' }, { 'x-a': 'a\nb' }]) {
      expect(await answer({ headers }).catch(String)).to.match(/^Error: the header "/)
    }
  })

  it('gives an answer that nobody behind it can alter', async () => {
    expect(await answer({ body: 'x' })).to.be.frozen
  })

  const wrong = [
    { status: 199 },
    { status: 600 },
    { status: 200.5 },
    { status: '200' },
    { body: {} },
    { headers: { a: 1 } },
    { header: {} },
  ]
  for (const config of wrong) {
    it(`does not take the setting ${JSON.stringify(config)}`, async () => {
      expect(await answer(config).catch(String)).to.match(/is given wrong settings/)
    })
  }
})
