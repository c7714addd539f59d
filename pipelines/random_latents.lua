--- Reads a random vector with the norm of the thought in place of each thought: a control.
---
--- What Coconut gains over this recipe is in the directions of its thoughts.
--- Cost: that of Coconut, row by row.
local tacit = require "tacit"

local latent_steps = tacit.param("latent_steps", 6, "Rows in place of thoughts.")
local prefix = tacit.param("prefix", "###", "Text that makes the model answer.")

return tacit.pipeline {
  name = "random_latents",
  model = "prosqa",
  tacit.prompt {},
  tacit.coconut { latent_steps = latent_steps, feedback = tacit.random_vector {} },
  tacit.generate { prefix = prefix, max_new_tokens = 16 },
}
