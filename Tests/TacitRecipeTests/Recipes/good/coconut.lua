--- Thinks in continuous thoughts, then answers greedily.
local tacit = require "tacit"
tacit.version:require "0.1"

local latent_steps = tacit.param("latent_steps", 6, "Continuous thoughts before the answer.")
local echo = tacit.param("echo", false, "Repeats the prompt.")
local scale = tacit.param("scale", 0.1, "Noise.")
local name = tacit.param("name", "coconut", "Name of the pipeline.")

print("loading", name, {})

return tacit.pipeline {
  name = name,
  model = "openai-community/gpt2",
  tacit.prompt { template = "{question}\n" },
  tacit.coconut {
    latent_steps = latent_steps,
    feedback = tacit.soft_embedding(),
    refine = { tacit.gaussian_noise { scale = scale }, tacit.gaussian_noise { scale = 0 } },
  },
  tacit.generate { max_new_tokens = 128 / 2, echo = echo, stop = { "\n" }, stop_ids = { 1, 2 }, keep = "latent" },
}
