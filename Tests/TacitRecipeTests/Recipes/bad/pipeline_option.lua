-- bad/pipeline_option.lua:3: unknown option 'modle' for tacit.pipeline|  did you mean 'model'? (all options: name, model, models, budget)
local tacit = require "tacit"
return tacit.pipeline { name = "x", modle = "y" }
