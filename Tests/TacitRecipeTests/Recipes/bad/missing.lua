-- bad/missing.lua:3: stage 'latent_agent' needs option 'role': expected a string|  Name of the agent.
local tacit = require "tacit"
return tacit.latent_agent {}
