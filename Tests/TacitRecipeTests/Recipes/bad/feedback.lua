-- bad/feedback.lua:3: option 'feedback' of stage 'coconut': expected a feedback such as tacit.hidden_state {}, got a tacit.Refiner
local tacit = require "tacit"
return tacit.coconut { feedback = tacit.gaussian_noise {} }
