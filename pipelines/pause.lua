--- Reads a fixed embedding in place of each thought: the control of Coconut.
---
--- Paper: the "pause as thought" ablation of Hao et al. 2024, arXiv:2412.06769.
--- Cost: the rows of Coconut, but in one pass, because no row depends on the one before it.
local tacit = require "tacit"

local latent_steps = tacit.param("latent_steps", 6, "Rows in place of thoughts.")
local prefix = tacit.param("prefix", "###", "Text that makes the model answer.")

return tacit.pipeline {
  name = "pause",
  model = "prosqa",
  tacit.prompt {},
  tacit.pause { latent_steps = latent_steps },
  tacit.generate { prefix = prefix, max_new_tokens = 16 },
}
