-- bad/empty_pipeline.lua:3: pipeline 'x' has no stages
local tacit = require "tacit"
return tacit.pipeline { name = "x" }
