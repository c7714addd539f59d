-- bad/unknown_option.lua:3: unknown option 'latent_step' for stage 'coconut'|  did you mean 'latent_steps'? (all options: latent_steps, feedback, refine)
local tacit = require "tacit"
return tacit.coconut {
  latent_step = 6,
}
