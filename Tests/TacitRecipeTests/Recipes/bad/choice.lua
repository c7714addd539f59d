-- bad/choice.lua:3: option 'keep' of stage 'generate': expected one of "all", "latent", got "latnt" (string)|  did you mean "latent"?
local tacit = require "tacit"
return tacit.generate { keep = "latnt" }
