-- bad/pipeline_entry.lua:3: pipeline 'x': expected a stage at position 2, got a function
local tacit = require "tacit"
return tacit.pipeline { name = "x", tacit.prompt {}, tacit.generate }
