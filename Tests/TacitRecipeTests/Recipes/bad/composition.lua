-- bad/composition.lua:5: stage 'coconut' needs 'prompt', which no earlier stage provides|  stages before it: none||bad/composition.lua:6: stage 'judge' needs 'prompt' and 'text', which no earlier stage provides|  stages before it: coconut (bad/composition.lua:5)
local tacit = require "tacit"
return tacit.pipeline {
  name = "mix",
  tacit.coconut {},
  tacit.stage { name = "judge", requires = { "text", "prompt" }, run = function() end },
}
