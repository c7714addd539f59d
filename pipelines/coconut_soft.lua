--- Coconut with soft embeddings in place of states: thoughts that stay among the embeddings.
---
--- Papers: the span of Coconut, arXiv:2412.06769, with the feedback of Soft Thinking,
--- arXiv:2505.15778, without its stop by entropy.
--- Cost: that of Coconut, and the output head once per thought.
--- Fidelity: a combination of ours. The embedded model was trained to read states; what it loses
--- here is what its thoughts say beside the next token.
local tacit = require "tacit"

local latent_steps = tacit.param("latent_steps", 6, "Continuous thoughts before the answer.")
local temperature = tacit.param("temperature", 1.0, "Of the distribution that is averaged over.")
local top_k = tacit.param("top_k", 0, "Tokens to average over; 0 is all of them.")
local prefix = tacit.param("prefix", "###", "Text that makes the model answer after its thoughts.")

return tacit.pipeline {
  name = "coconut_soft",
  model = "prosqa",
  tacit.prompt {},
  tacit.coconut {
    latent_steps = latent_steps,
    feedback = tacit.soft_embedding { temperature = temperature, top_k = top_k },
  },
  tacit.generate { prefix = prefix, max_new_tokens = 16 },
}
