--- Answers at once, without any reasoning: the baseline without a chain of thought.
---
--- Paper: the "no-CoT" baseline of Hao et al. 2024, arXiv:2412.06769.
--- Cost: one pass over the question, then one pass per answer token.
local tacit = require "tacit"

local prefix = tacit.param("prefix", "###", "Text that makes the model answer.")

return tacit.pipeline {
  name = "direct",
  model = "prosqa",
  tacit.prompt {},
  tacit.generate { prefix = prefix, max_new_tokens = 16 },
}
