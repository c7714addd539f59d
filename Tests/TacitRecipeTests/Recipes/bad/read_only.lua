-- bad/read_only.lua:3: cannot set 'coconut': 'tacit' is read-only
local tacit = require "tacit"
tacit.coconut = nil
