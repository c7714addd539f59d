-- bad/choices.lua:3: option 'shows' of stage 'generate': expected a list of "all", "latent", got "latnt" (string) at position 2|  did you mean "latent"?
local tacit = require "tacit"
return tacit.generate { shows = { "all", "latnt" } }
