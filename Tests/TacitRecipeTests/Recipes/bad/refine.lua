-- bad/refine.lua:3: option 'refine' of stage 'coconut': expected a list of refiners, got a tacit.Refiner|  write refine = { tacit.… {…} }, also for a single refiner
local tacit = require "tacit"
return tacit.coconut { refine = tacit.gaussian_noise {} }
