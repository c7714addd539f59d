-- bad/capability.lua:3: option 'requires' of stage 's': "memmory" (string) is not a capability|  did you mean 'memory'? (all capabilities: prompt, hidden, memory, candidates, text)
local tacit = require "tacit"
return tacit.stage { name = "s", requires = { "memmory" }, run = print }
