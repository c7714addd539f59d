-- bad/refused.lua:3: no latent markers
local tacit = require "tacit"
return tacit.coconut { latent_steps = 666 }
