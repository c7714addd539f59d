--- Reads the thoughts about another question in place of its own: a control.
---
--- What Coconut gains over this recipe is in what its thoughts say about this very question.
--- Cost: Coconut twice; the other question's thoughts are made anew for each sample.
local tacit = require "tacit"

local latent_steps = tacit.param("latent_steps", 6, "Thoughts before the answer.")
local other = tacit.param(
  "other",
  "Every lempus is a rompus. Every rompus is a yumpus. Every yumpus is a zumpus. "
    .. "Every lempus is a gorpus. Every gorpus is a numpus. Every rompus is a sterpus. "
    .. "Max is a lempus. Is Max a zumpus or worpus?",
  "The other question."
)
local prefix = tacit.param("prefix", "###", "Text that makes the model answer after its thoughts.")

return tacit.pipeline {
  name = "foreign_latents",
  model = "prosqa",
  tacit.prompt {},
  tacit.coconut {
    latent_steps = latent_steps,
    feedback = tacit.foreign_thoughts { question = other },
  },
  tacit.generate { prefix = prefix, max_new_tokens = 16 },
}
