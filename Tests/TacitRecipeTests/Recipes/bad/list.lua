-- bad/list.lua:3: option 'stop' of stage 'generate': expected a list of strings, got 2 at position 2
local tacit = require "tacit"
return tacit.generate { stop = { "a", 2 } }
