-- bad/returns_nothing.lua: a recipe returns a pipeline, this one returns nil|  end with: return tacit.pipeline { name = "…", … }
local tacit = require "tacit"
