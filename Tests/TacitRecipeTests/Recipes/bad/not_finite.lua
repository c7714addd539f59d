-- bad/not_finite.lua:3: option 'temperature' of stage 'generate': expected a number of 0.0 or more, got inf
local tacit = require "tacit"
return tacit.generate { temperature = 1 / 0 }
