--- Thinks in soft embeddings without any markers, then answers: runs on every checkpoint.
---
--- Paper: the feedback is that of Soft Thinking, arXiv:2505.15778, without its stop by entropy.
--- Cost: one pass with the output head per thought, one pass per token.
--- The embedded model was trained to think in states between markers. It does neither here, and
--- more than one thought only spoils its answer: give another one with --model.
local tacit = require "tacit"

local latent_steps = tacit.param("latent_steps", 6, "Thoughts before the answer.")
local temperature = tacit.param("temperature", 1.0, "Of the distribution that is averaged over.")
local top_k = tacit.param("top_k", 0, "Tokens to average over; 0 is all of them.")
local prefix = tacit.param("prefix", "###", "Text that makes the model answer after its thoughts.")

return tacit.pipeline {
  name = "think",
  model = "prosqa",
  tacit.prompt {},
  tacit.think {
    latent_steps = latent_steps,
    feedback = tacit.soft_embedding { temperature = temperature, top_k = top_k },
  },
  tacit.generate { prefix = prefix, max_new_tokens = 16 },
}
