-- bad/unknown_stage.lua:3: unknown name 'tacit.cocnut'|  did you mean 'coconut'? (all names: chat, coconut, gaussian_noise, generate, hidden_state, latent_agent, param, pipeline, prompt, sequence, soft_embedding, stage, training, version)
local tacit = require "tacit"
return tacit.cocnut {}
