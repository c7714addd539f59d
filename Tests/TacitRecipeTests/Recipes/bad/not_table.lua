-- bad/not_table.lua:3: stage 'coconut' takes a table of options, got 6
local tacit = require "tacit"
return tacit.coconut(6)
