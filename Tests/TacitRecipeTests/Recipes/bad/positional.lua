-- bad/positional.lua:3: stage 'coconut' takes options by name only, got 6 at position 1
local tacit = require "tacit"
return tacit.coconut { 6 }
