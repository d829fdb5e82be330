/**
 * An object in which no name is ever inherited: `new Bare()` is one. To the engine it is an object
 * like any other, whereas `Object.create(null)` makes a dictionary, which costs several times as much.
 */
export const Bare = bareConstructor()

function bareConstructor(): new <Value>() => Record<string, Value> {
  function Bare() {}
  Bare.prototype = Object.freeze(Object.create(null))
  return Bare as unknown as new <Value>() => Record<string, Value>
}
