-- bad/wrong_type.lua:3: option 'latent_steps' of stage 'latent_agent': expected an integer of 0 or more, got "20" (string)
local tacit = require "tacit"
return tacit.latent_agent { role = "a", latent_steps = "20" }
