"""The scripts that keep people's logs, each one step for Redis.

One hash holds a person's whole log, so it is either there or gone, never half of it:

    epoch        random; a new one whenever the numbering starts again, or Redis does
    run          Redis's own name for its present life
    was, floor   the epoch of its life before, and the newest number that outlived it
    seq          number of the newest event
    e:<seq>      "<event id>\\n<about ids>\\n<tail>", the newest `log_events_max` of them
    i:<event id> its seq: a repeated push finds its number again

Beside it stand the gateway nodes that hold the person (`at`, scored by when that claim ends)
and their sockets (scored by when they came). All keys of one person, and the register of
those of the same group who can be reached, carry one hash tag: a script touches one slot.
Everything here lives as long as someone is connected plus `log_life_s`.

A Redis that started again, or a replica that took over, may have lost its newest writes, and
then numbers that clients have seen are given to other events. So the first script to touch a log
in a new life gives it a new epoch. The numbering goes on, and places in the epoch before are
honoured up to the `floor`: what stands there is what it was.
"""

# The log's epoch, or false. `fresh` is for when Redis has another life than the log knows.
_LIFE = """
local info = redis.pcall('INFO', 'server')
local run = type(info) == 'string' and string.match(info, 'run_id:(%w+)') or ''
local function alive(log, fresh)
  local epoch, known, seq = unpack(redis.call('HMGET', log, 'epoch', 'run', 'seq'))
  if epoch and known ~= run then
    redis.call('HSET', log, 'epoch', fresh, 'run', run, 'was', epoch, 'floor', seq)
    epoch = fresh
  end
  return epoch
end
"""

_VOID = """
local function void(log, seq, ids)
  local held = tonumber(ARGV[1])
  local names = {}
  for s = math.max(1, seq - held + 1), seq do names[#names + 1] = 'e:' .. s end
  if #names == 0 then return 0 end
  local found, count = redis.call('HMGET', log, unpack(names)), 0
  for i, entry in ipairs(found) do
    if entry then
      local id, about, tail = string.match(entry, '^([^\\n]*)\\n([^\\n]*)\\n(.*)$')
      for wanted in string.gmatch(ids, '%S+') do
        if string.find(' ' .. about .. ' ', ' ' .. wanted .. ' ', 1, true) then
          tail = string.gsub(tail, '"type":"[^"]*"', '"type":"void"', 1)
          tail = string.gsub(tail, '"data":.*$', '"data":{}}')
          redis.call('HSET', log, names[i], id .. '\\n\\n' .. tail)
          count = count + 1
          break
        end
      end
    end
  end
  return count
end
"""

# ARGV: held, now, event id, about, voids, tail, new epoch. KEYS: (log, at) of each person.
PUSH = (
    _VOID
    + _LIFE
    + """
local held, now, id = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local out = {}
for k = 1, #KEYS, 2 do
  local log = KEYS[k]
  local epoch = alive(log, ARGV[7])
  if epoch then
    local seq = tonumber(redis.call('HGET', log, 'i:' .. id))
    if not seq then
      seq = redis.call('HINCRBY', log, 'seq', 1)
      if ARGV[5] ~= '' then void(log, seq - 1, ARGV[5]) end
      redis.call('HSET', log, 'e:' .. seq, id .. '\\n' .. ARGV[4] .. '\\n' .. ARGV[6],
                 'i:' .. id, seq)
      local old = redis.call('HGET', log, 'e:' .. (seq - held))
      if old then
        redis.call('HDEL', log, 'e:' .. (seq - held), 'i:' .. string.match(old, '^[^\\n]*'))
      end
    end
    out[#out + 1] = {seq, epoch, unpack(redis.call('ZRANGEBYSCORE', KEYS[k + 1], now, '+inf'))}
  else
    out[#out + 1] = {}
  end
end
return out
"""
)

# ARGV: held, about ids. KEYS: the logs.
WITHDRAW = (
    _VOID
    + """
local count = 0
for _, log in ipairs(KEYS) do
  count = count + void(log, tonumber(redis.call('HGET', log, 'seq') or 0), ARGV[2])
end
return count
"""
)

_CLAIM = """
local function claim(now, ends, ttl, node)
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
  redis.call('ZADD', KEYS[2], ends, node)
  redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', now)
  redis.call('ZADD', KEYS[4], now + ttl, ARGV[1])
  redis.call('PEXPIRE', KEYS[4], ttl * 2)
  for k = 1, 3 do redis.call('PEXPIRE', KEYS[k], ttl) end
end
local function start(epoch)
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'seq', 0, 'run', run)
end
"""

_ENTRIES = """
local function entries(after, seq)
  if seq - after > 4000 then return false end
  local names = {}
  for s = after + 1, seq do names[#names + 1] = 'e:' .. s end
  if #names == 0 then return {} end
  local found = redis.call('HMGET', KEYS[1], unpack(names))
  for i = 1, #names do if not found[i] then return false end end
  return found
end
"""

# KEYS: log, at, sockets, reachable, session. ARGV: user, now, ends, ttl, node, held, new epoch,
# socket, sockets max, resume epoch, resume seq, '1' when the session was found alive.
# → {verdict, epoch, seq, entries, too many}
REGISTER = (
    _LIFE
    + _CLAIM
    + _ENTRIES
    + """
local session = redis.call('GET', KEYS[5])
if session == '0' then return {'revoked'} end
if session ~= '1' and ARGV[12] ~= '1' then return {'unknown'} end
if session == '1' then
  redis.call('PEXPIRE', KEYS[5], ARGV[4])
elseif not session then
  redis.call('SET', KEYS[5], '1', 'PX', ARGV[4])
end
local now, ttl, held = tonumber(ARGV[2]), tonumber(ARGV[4]), tonumber(ARGV[6])
local epoch, verdict, missed = alive(KEYS[1], ARGV[7]), 'fresh', {}
local wanted, after = ARGV[10], tonumber(ARGV[11])
if not epoch then
  epoch = ARGV[7]
  start(epoch)
  if wanted ~= '' then verdict = 'expired' end
end
local seq = tonumber(redis.call('HGET', KEYS[1], 'seq'))
if verdict == 'fresh' and wanted ~= '' then
  local was, floor = unpack(redis.call('HMGET', KEYS[1], 'was', 'floor'))
  local outlived = wanted == was and after <= tonumber(floor)
  if not (wanted == epoch or outlived) or after > seq then
    verdict = 'epoch'
  elseif after < seq - held then
    verdict = 'trimmed'
  else
    missed = entries(after, seq)
    verdict = missed and 'resumed' or 'trimmed'
  end
end
redis.call('ZADD', KEYS[3], now, ARGV[8])
claim(now, ARGV[3], ttl, ARGV[5])
local gone, most = {}, tonumber(ARGV[9])
if redis.call('ZCARD', KEYS[3]) > most then
  for _, socket in ipairs(redis.call('ZRANGE', KEYS[3], 0, -1)) do
    if not redis.call('ZSCORE', KEYS[2], string.match(socket, '^[^/]*')) then
      redis.call('ZREM', KEYS[3], socket)
    end
  end
  local over = redis.call('ZCARD', KEYS[3]) - most
  if over > 0 then
    local popped = redis.call('ZPOPMIN', KEYS[3], over)
    for i = 1, #popped, 2 do gone[#gone + 1] = popped[i] end
  end
end
return {verdict, epoch, seq, missed or {}, gone}
"""
)

# KEYS: log, at, sockets, reachable, sessions… ARGV: user, now, ends, ttl, node, held, new
# epoch, known epoch, known seq, id of the event known at that seq, sockets… → {epoch, seq, 1 when
# what was known is still so, else 0}
RENEW = (
    _LIFE
    + _CLAIM
    + """
local now, ttl, held = tonumber(ARGV[2]), tonumber(ARGV[4]), tonumber(ARGV[6])
local epoch = alive(KEYS[1], ARGV[7])
if not epoch then
  epoch = ARGV[7]
  start(epoch)
end
local seq, known = tonumber(redis.call('HGET', KEYS[1], 'seq')), tonumber(ARGV[9])
local was, floor = unpack(redis.call('HMGET', KEYS[1], 'was', 'floor'))
local so = (epoch == ARGV[8] and known <= seq) or (was == ARGV[8] and known <= tonumber(floor))
if so and ARGV[10] ~= '' and known > seq - held then
  so = redis.call('HGET', KEYS[1], 'i:' .. ARGV[10]) == tostring(known)
end
if epoch == ARGV[8] and not so then
  epoch, seq = ARGV[7], 0
  start(epoch)
end
for i = 11, #ARGV do redis.call('ZADD', KEYS[3], 'NX', now, ARGV[i]) end
for k = 5, #KEYS do redis.call('PEXPIRE', KEYS[k], ttl) end
claim(now, ARGV[3], ttl, ARGV[5])
return {epoch, seq, so and 1 or 0}
"""
)

# KEYS: log, at, sockets, reachable. ARGV: user, now, ttl, node or '' when it still holds others, sockets…
LEAVE = """
for i = 5, #ARGV do redis.call('ZREM', KEYS[3], ARGV[i]) end
if ARGV[4] ~= '' then
  redis.call('ZREM', KEYS[2], ARGV[4])
  if redis.call('ZCARD', KEYS[2]) == 0 then
    redis.call('PEXPIRE', KEYS[1], ARGV[3])
    redis.call('ZADD', KEYS[4], 'XX', tonumber(ARGV[2]) + tonumber(ARGV[3]), ARGV[1])
  end
end
return 0
"""

# KEYS: log. ARGV: after. → {epoch, seq, entries or false}
READ = (
    _ENTRIES
    + """
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if not epoch then return {} end
local seq, after = tonumber(redis.call('HGET', KEYS[1], 'seq')), tonumber(ARGV[1])
return {epoch, seq, seq > after and entries(after, seq) or {}}
"""
)
