--- Reasons in written words, then answers: the explicit baseline.
---
--- Paper: the "CoT" baseline of Hao et al. 2024, arXiv:2412.06769.
--- Cost: one pass per token of the chain and of the answer.
local tacit = require "tacit"

local prefix = tacit.param("prefix", "<think>", "Text that makes the model reason in words.")
local limit = tacit.param("max_new_tokens", 128, "Tokens of chain and answer at most.")

return tacit.pipeline {
  name = "chain_of_thought",
  model = "prosqa",
  tacit.prompt {},
  tacit.generate { prefix = prefix, max_new_tokens = limit },
}
