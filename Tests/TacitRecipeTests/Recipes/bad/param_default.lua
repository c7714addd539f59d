-- bad/param_default.lua:3: parameter 'a': expected a default that is a boolean, a finite number or a string, got a table
local tacit = require "tacit"
tacit.param("a", {}, "One.")
