--- Reads zeros in place of each thought: a control.
---
--- What Coconut gains over this recipe is not in the number of its rows.
--- Cost: that of Coconut, row by row.
local tacit = require "tacit"

local latent_steps = tacit.param("latent_steps", 6, "Rows in place of thoughts.")
local prefix = tacit.param("prefix", "###", "Text that makes the model answer.")

return tacit.pipeline {
  name = "zero_latents",
  model = "prosqa",
  tacit.prompt {},
  tacit.coconut { latent_steps = latent_steps, feedback = tacit.zero {} },
  tacit.generate { prefix = prefix, max_new_tokens = 16 },
}
