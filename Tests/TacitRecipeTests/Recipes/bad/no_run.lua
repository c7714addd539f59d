-- bad/no_run.lua:3: option 'run' of stage 's': expected a function, got nil|  write run = function(state) … end
local tacit = require "tacit"
return tacit.stage { name = "s" }
