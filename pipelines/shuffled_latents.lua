--- Reads its own thoughts in another order: a control of Coconut.
---
--- What Coconut gains over this recipe is in the order of its thoughts.
--- Cost: Coconut twice, the first time to make the thoughts.
local tacit = require "tacit"

local latent_steps = tacit.param("latent_steps", 6, "Thoughts before the answer, 2 or more.")
local prefix = tacit.param("prefix", "###", "Text that makes the model answer after its thoughts.")

return tacit.pipeline {
  name = "shuffled_latents",
  model = "prosqa",
  tacit.prompt {},
  tacit.coconut {
    latent_steps = latent_steps,
    feedback = tacit.shuffled_thoughts { count = latent_steps },
  },
  tacit.generate { prefix = prefix, max_new_tokens = 16 },
}
