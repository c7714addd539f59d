-- bad/param_twice.lua:4: parameter 'a' is declared twice, first at bad/param_twice.lua:3
local tacit = require "tacit"
tacit.param("a", 1, "One.")
tacit.param("a", 1, "One.")
