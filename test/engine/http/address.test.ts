import { expect } from 'chai'
import { addressReader, isLoopback, isNetwork } from '../../../engine/http/address.ts'

describe('the address of a client', () => {
  const none = addressReader([])
  const some = addressReader(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32'])

  it('is the peer’s where no proxy is trusted', () => {
    expect(none('192.0.2.9', '1.2.3.4')).to.equal('192.0.2.9')
    expect(none('::ffff:192.0.2.9', undefined)).to.equal('192.0.2.9')
  })

  it('is the peer’s where the peer is no trusted proxy', () => {
    expect(some('192.0.2.9', '1.2.3.4')).to.equal('192.0.2.9')
  })

  it('is the last one that no trusted proxy has', () => {
    expect(some('10.1.1.1', '6.6.6.6, 1.2.3.4')).to.equal('1.2.3.4')
    expect(some('::ffff:10.1.1.1', '6.6.6.6,1.2.3.4 , 192.0.2.1,10.2.2.2')).to.equal('1.2.3.4')
    expect(some('2001:db8::7', '2001:db9::1')).to.equal('2001:db9::1')
  })

  it('is the last proxy’s where nothing behind it can be believed', () => {
    expect(some('10.1.1.1', undefined)).to.equal('10.1.1.1')
    expect(some('10.1.1.1', '')).to.equal('10.1.1.1')
    expect(some('10.1.1.1', '1.2.3.4, unknown')).to.equal('10.1.1.1')
    expect(some('10.1.1.1', '<script>, 10.2.2.2')).to.equal('10.2.2.2')
  })

  it('never comes from a name', () => {
    expect(some('', '1.2.3.4')).to.equal('')
  })
})

describe('a network', () => {
  it('is an address, with or without the length of its prefix', () => {
    for (const text of ['10.0.0.0/8', '192.0.2.1', '::1', '2001:db8::/128', '0.0.0.0/0']) {
      expect(isNetwork(text), text).to.equal(true)
    }
    for (const text of ['', 'localhost', '10.0.0.0/33', '::/129', '10.0.0.0/', '1.2.3.4/8/8']) {
      expect(isNetwork(text), text).to.equal(false)
    }
  })
})

describe('loopback', () => {
  it('is 127.0.0.0/8, ::1 and localhost', () => {
    for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost', '::ffff:127.0.0.1']) {
      expect(isLoopback(host), host).to.equal(true)
    }
    for (const host of ['0.0.0.0', '::', '128.0.0.1', '127.example.com', '']) {
      expect(isLoopback(host), host).to.equal(false)
    }
  })
})
