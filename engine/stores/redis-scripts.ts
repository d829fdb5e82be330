import { createHash } from 'node:crypto'

/** A step that the server takes as one, against all others. */
export interface Script {
  readonly source: string
  readonly hash: string
}

/*
 * What stands where, all of it in one hash slot, so that one step may touch it all:
 * - record:  `<end> <text>`, under a key of its own; Redis lets it go at its end
 * - places:  by key, `<number> <end> <place>…`: its number in the order of creation, and the sets below that list it
 * - keys:    all keys, in the order of their bytes
 * - ends:    keys by the end of their time
 * - place:   one set for each value of an index: keys by number
 * An end is milliseconds since the epoch, or `-`. Redis tells nobody when it lets a record go, so a
 * listing may name what is gone; whoever reads skips it, and the purge, which goes by `ends`, removes it.
 */
const helpers = `
local function over(stored, now)
  local last = string.match(stored, '^(%d+) ')
  return last ~= nil and tonumber(last) <= tonumber(now)
end
local function late(until_)
  local time = redis.call('TIME')
  return time[1] * 1000 + time[2] / 1000 > tonumber(until_)
end
local function unlist(key, places, keys, ends, base)
  local known = redis.call('HGET', places, key)
  if not known then return end
  for place in string.gmatch(string.match(known, '^%S+ %S+(.*)$'), '%S+') do
    redis.call('ZREM', base .. place, key)
  end
  redis.call('HDEL', places, key)
  redis.call('ZREM', keys, key)
  redis.call('ZREM', ends, key)
end
`

/**
 * Writes or removes a record if it still is what the caller has read, or whatever it is.
 *
 * A command can lie about in the buffers of a server that stands still, and be run long after its
 * caller has been told that it failed. So each has a time after which it does nothing.
 *
 * Answers `done` and what was there, `other` and what is there instead, `indexes` and the list that
 * the collection has, or `late`.
 */
export const write = script(`
local record, places, keys, ends, sequence, listed = unpack(KEYS)
local key, base, now, until_, indexes, how, expected, value, last, ttl = unpack(ARGV)
if late(until_) then return {'late'} end
local declared = redis.call('GET', listed) or ''
if declared ~= indexes then return {'indexes', declared} end
local stored = redis.call('GET', record)
if how == 'if' and (stored or '') ~= expected then return {'other', stored or ''} end
local living = stored and not over(stored, now)

if value == '' then
  if not living then return {'done', ''} end
  redis.call('DEL', record)
  unlist(key, places, keys, ends, base)
  return {'done', stored}
end

-- First what needs memory: without any, nothing is done.
if ttl == '' then redis.call('SET', record, value) else redis.call('SET', record, value, 'PX', ttl) end
local known = redis.call('HGET', places, key)
local number = living and known and string.match(known, '^%S+') or tostring(redis.call('INCR', sequence))
local listing = {number, last}
for i = 11, #ARGV do listing[#listing + 1] = ARGV[i] end
local wanted = table.concat(listing, ' ')
if wanted ~= known then
  unlist(key, places, keys, ends, base)
  redis.call('HSET', places, key, wanted)
  redis.call('ZADD', keys, 0, key)
  if last ~= '-' then redis.call('ZADD', ends, last, key) end
  for i = 11, #ARGV do redis.call('ZADD', base .. ARGV[i], number, key) end
end
return {'done', living and stored or ''}
`)

/** Lists a record anew, under all indexes that there are now, if it still is what the caller has read. */
export const relist = script(`
local record, places, keys, ends, listed = unpack(KEYS)
local key, base, indexes, expected = unpack(ARGV)
if (redis.call('GET', listed) or '') ~= indexes then return 0 end
local known = redis.call('HGET', places, key)
if not known or redis.call('GET', record) ~= expected then return 0 end
local number, last = string.match(known, '^(%S+) (%S+)')
unlist(key, places, keys, ends, base)
local listing = {number, last}
for i = 5, #ARGV do
  listing[#listing + 1] = ARGV[i]
  redis.call('ZADD', base .. ARGV[i], number, key)
end
redis.call('HSET', places, key, table.concat(listing, ' '))
redis.call('ZADD', keys, 0, key)
if last ~= '-' then redis.call('ZADD', ends, last, key) end
return 1
`)

/**
 * Reads a stretch of a listing, by number or by key, and what is living of it. Answers where the
 * stretch ended, or nothing at the end of the listing, and then key, number and record of each.
 */
export const page = script(`
local listing = KEYS[1]
local order, from, wanted, most, record, now = unpack(ARGV)
local found
if order == 'number' then
  found = redis.call('ZRANGEBYSCORE', listing, from, '+inf', 'WITHSCORES', 'LIMIT', 0, most)
else
  found = {}
  for _, key in ipairs(redis.call('ZRANGEBYLEX', listing, from, '+', 'LIMIT', 0, most)) do
    found[#found + 1] = key
    found[#found + 1] = '0'
  end
end
local answer = {''}
local seen = 0
for i = 1, #found, 2 do
  seen = seen + 1
  local stored = redis.call('GET', record .. found[i])
  if stored and not over(stored, now) then
    answer[#answer + 1] = found[i]
    answer[#answer + 1] = found[i + 1]
    answer[#answer + 1] = stored
  end
  if #answer > wanted * 3 then break end
end
if seen == tonumber(most) or seen * 2 < #found then
  answer[1] = order == 'number' and found[seen * 2] or found[seen * 2 - 1]
end
return answer
`)

/**
 * Counts the living of a stretch of an index, or all at once where nothing awaits the purge. Answers
 * where the stretch ended, or nothing at the end, and the number.
 */
export const count = script(`
local listing, ends = unpack(KEYS)
local from, most, now = unpack(ARGV)
if from == '-inf' and redis.call('ZCOUNT', ends, '-inf', now) == 0 then
  return {'', redis.call('ZCARD', listing)}
end
local found = redis.call('ZRANGEBYSCORE', listing, from, '+inf', 'WITHSCORES', 'LIMIT', 0, most)
local living = 0
for i = 1, #found, 2 do
  local last = redis.call('ZSCORE', ends, found[i])
  if not last or tonumber(last) > tonumber(now) then living = living + 1 end
end
return {#found == most * 2 and found[#found] or '', living}
`)

/**
 * Removes what is over, no more than asked for, and all that lists it. Answers how many it was. One
 * purger at a time: whoever goes on holds a lease, which ends by itself where its holder died.
 */
export const purge = script(`
local places, keys, ends, lease = unpack(KEYS)
local base, record, now, most, purger, goes_on = unpack(ARGV)
local holder = redis.call('GET', lease)
if holder and holder ~= purger then return 0 end
local gone = redis.call('ZRANGEBYSCORE', ends, '-inf', now, 'LIMIT', 0, most)
for _, key in ipairs(gone) do
  redis.call('DEL', record .. key)
  unlist(key, places, keys, ends, base)
end
if goes_on ~= '' and #gone == tonumber(most) then
  redis.call('SET', lease, purger, 'PX', 5000)
elseif holder then
  redis.call('DEL', lease)
end
return #gone
`)

/** Removes records whose keys begin so, no more than asked for. Answers how many it was, or -1: late. */
export const clear = script(`
local places, keys, ends = unpack(KEYS)
local base, record, start, most, until_ = unpack(ARGV)
if late(until_) then return -1 end
local gone = redis.call('ZRANGEBYLEX', keys, '[' .. start, '(' .. start .. '\\255', 'LIMIT', 0, most)
for _, key in ipairs(gone) do
  redis.call('DEL', record .. key)
  unlist(key, places, keys, ends, base)
end
return #gone
`)

/** Adds to the indexes of a collection. Answers all, and those for which every record is listed. */
export const declare = script(`
local listed, complete, keys = unpack(KEYS)
local function read(from) return cjson.decode(redis.call('GET', from) or '[]') end
local all, done, has = read(listed), read(complete), {}
local empty = redis.call('EXISTS', keys) == 0
for _, name in ipairs(all) do has[name] = true end
for _, name in ipairs(ARGV) do
  if not has[name] then
    all[#all + 1] = name
    if empty then done[#done + 1] = name end
  end
end
local function keep(where, names)
  local text = #names == 0 and '[]' or cjson.encode(names)
  if redis.call('GET', where) ~= text then redis.call('SET', where, text) end
  return text
end
return {keep(listed, all), keep(complete, done)}
`)

/** Says of indexes that every record is listed. */
export const completeIndexes = script(`
local names, has = cjson.decode(redis.call('GET', KEYS[1]) or '[]'), {}
for _, name in ipairs(names) do has[name] = true end
for _, name in ipairs(ARGV) do
  if not has[name] then names[#names + 1] = name end
end
redis.call('SET', KEYS[1], cjson.encode(names))
return 1
`)

function script(body: string): Script {
  const source = helpers + body
  return { source, hash: createHash('sha1').update(source).digest('hex') }
}
