-- bad/out_of_range.lua:3: option 'latent_steps' of stage 'coconut': expected an integer from 0 to 1024, got -1
local tacit = require "tacit"
return tacit.coconut { latent_steps = -1 }
