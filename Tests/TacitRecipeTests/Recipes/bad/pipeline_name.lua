-- bad/pipeline_name.lua:3: option 'name' of tacit.pipeline: expected letters, digits, '_', '-' and '.', got nil
local tacit = require "tacit"
return tacit.pipeline { tacit.prompt {} }
