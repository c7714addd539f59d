--- Thinks in continuous thoughts, then answers.
---
--- Paper: Coconut, Hao et al. 2024, arXiv:2412.06769. Needs a checkpoint with latent markers.
--- Cost: one pass over the question, one pass per thought, one pass per answer token.
--- Fidelity: thoughts and tokens equal the authors' program; see `tacit list stages coconut`.
local tacit = require "tacit"

local latent_steps = tacit.param("latent_steps", 6, "Continuous thoughts before the answer.")
local prefix = tacit.param("prefix", "###", "Text that makes the model answer after its thoughts.")

return tacit.pipeline {
  name = "coconut",
  model = "prosqa",
  tacit.prompt {},
  tacit.coconut { latent_steps = latent_steps },
  tacit.generate { prefix = prefix, max_new_tokens = 16 },
}
