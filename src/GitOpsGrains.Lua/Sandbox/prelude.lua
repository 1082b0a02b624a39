-- Runs once in each state, before any script. Answers a function that makes the globals of one run.
--
-- Left out on purpose, besides all that reaches out of the script: metatables (a finalizer runs without the count of
-- instructions), xpcall (so does its handler), coroutines, and all that may loop inside the interpreter itself without
-- executing an instruction: what can is wrapped here with a budget.

local byte, find, match, gmatch, gsub, rep = string.byte, string.find, string.match, string.gmatch, string.gsub, string.rep
local concat, sort, unpack_table = table.concat, table.sort, table.unpack
local date, time, floor = os.date, os.time, math.floor
local type, tostring, tonumber, error, next = type, tostring, tonumber, error, next

local BUDGET = 100000000
local MAX_TEXT = 1048576
local MAX_PATTERN = 1000
local MAX_UNPACKED = 10000

local budget, clock = 0, 0

local function spend(steps)
  if steps > budget then error("the text is too long for this, or too much of it was searched", 3) end
  budget = budget - steps
end

local function text_of(value, name)
  if type(value) == "string" then return value end
  if type(value) == "number" then return tostring(value) end
  error("bad argument to '" .. name .. "' (string expected, got " .. type(value) .. ")", 3)
end

local function after_set(pattern, at, size)
  at = at + 1
  if byte(pattern, at) == 94 then at = at + 1 end
  repeat
    at = at + (byte(pattern, at) == 37 and 2 or 1)
  until at > size or byte(pattern, at) == 93
  return at + 1
end

-- The most steps that backtracking can take: each repeat may try every length at every start.
local function spend_on_pattern(text, pattern)
  local size, length = #pattern, #text + 1
  if size > MAX_PATTERN then error("the pattern is longer than 1000 characters", 3) end
  local steps, repeats, width, at = length, 0, 1, 1
  while at <= size do
    local c = byte(pattern, at)
    if c == 37 then
      local class = byte(pattern, at + 1)
      -- %b and back-references read on at every step.
      if class == 98 or (class ~= nil and class >= 48 and class <= 57) then repeats = repeats + 1 end
      at = at + 2
    elseif c == 91 then
      at, width = after_set(pattern, at, size), 1 + size / 8
    else
      if c == 42 or c == 43 or c == 45 then repeats = repeats + 1 elseif c == 63 then steps = steps * 2 end
      at = at + 1
    end
  end
  for i = 1, repeats do steps = steps * length / (i + 1) end
  steps = steps * width
  if steps > budget then error("the text is too long for this pattern", 3) end
  budget = budget - steps
end

local function copy(from)
  local to = {}
  for name, value in next, from do to[name] = value end
  return to
end

local safe_string = {
  byte = byte, char = string.char, format = string.format, len = string.len, lower = string.lower,
  reverse = string.reverse, sub = string.sub, upper = string.upper,
  find = function(text, pattern, init, plain)
    text, pattern = text_of(text, "find"), text_of(pattern, "find")
    if plain then spend(#text * (#pattern + 16) / 16) else spend_on_pattern(text, pattern) end
    return find(text, pattern, init, plain)
  end,
  match = function(text, pattern, init)
    text, pattern = text_of(text, "match"), text_of(pattern, "match")
    spend_on_pattern(text, pattern)
    return match(text, pattern, init)
  end,
  gmatch = function(text, pattern)
    text, pattern = text_of(text, "gmatch"), text_of(pattern, "gmatch")
    spend_on_pattern(text, pattern)
    return gmatch(text, pattern)
  end,
  gsub = function(text, pattern, replacement, count)
    text, pattern = text_of(text, "gsub"), text_of(pattern, "gsub")
    spend_on_pattern(text, pattern)
    return gsub(text, pattern, replacement, count)
  end,
  rep = function(text, count, separator)
    text, separator = text_of(text, "rep"), separator == nil and "" or text_of(separator, "rep")
    count = tonumber(count)
    if count == nil then error("bad argument #2 to 'rep' (number expected)", 2) end
    if count > MAX_TEXT or (#text + #separator) * count > MAX_TEXT then error("string.rep: the text would be longer than 1048576 bytes", 2) end
    return rep(text, floor(count), separator)
  end,
}

local function unpack(list, from, to)
  from, to = from or 1, to or #list
  if to - from >= MAX_UNPACKED then error("too many results to unpack", 2) end
  return unpack_table(list, from, to)
end

local safe_table = {
  insert = table.insert, remove = table.remove, pack = table.pack, unpack = unpack,
  concat = function(list, separator, from, to)
    spend(#list)
    return concat(list, separator, from, to)
  end,
  sort = function(list, before)
    spend(#list * 20)
    sort(list, before)
  end,
  -- Lua 5.1, for which Argo CD's scripts are written.
  getn = function(list) return #list end,
}

local safe_math = copy(math)
safe_math.random, safe_math.randomseed = nil, nil
safe_math.pow, safe_math.mod = function(x, y) return x ^ y end, math.fmod

local safe_os = {
  time = function(parts) if parts == nil then return clock end return time(parts) end,
  date = function(format, at) return date(format or "%c", at or clock) end,
}

local safe_base = {
  assert = assert, error = error, ipairs = ipairs, next = next, pairs = pairs, pcall = pcall, rawequal = rawequal,
  rawget = rawget, rawlen = rawlen, rawset = rawset, select = select, tonumber = tonumber, tostring = tostring,
  type = type, unpack = unpack, _VERSION = _VERSION,
  print = function() end,
}

-- What ("x"):find means. The table itself is never given to a script.
local text_methods = getmetatable("")
text_methods.__index = copy(safe_string)
text_methods.__metatable = false

return function(now)
  budget, clock = BUDGET, now
  local globals = copy(safe_base)
  local modules = { string = copy(safe_string), table = copy(safe_table), math = copy(safe_math), os = copy(safe_os) }
  for name, module in next, modules do globals[name] = module end
  globals._G = globals
  globals.require = function(name)
    return modules[name] or error("there is no module '" .. tostring(name) .. "'", 2)
  end
  return globals
end
