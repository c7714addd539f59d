--- Writes several chains of thought and keeps the most frequent answer: an explicit baseline.
---
--- Paper: self-consistency, Wang et al. 2022, arXiv:2203.11171.
--- Cost: the question once, then `samples` times one pass per token of chain and answer.
local tacit = require "tacit"

local samples = tacit.param("samples", 5, "Chains to write.")
local temperature = tacit.param("temperature", 0.7, "Of sampling; 0 writes one chain many times.")
local prefix = tacit.param("prefix", "<think>", "Text that makes the model reason in words.")
local limit = tacit.param("max_new_tokens", 128, "Tokens of each chain with its answer at most.")

return tacit.pipeline {
  name = "self_consistency",
  model = "prosqa",
  tacit.prompt {},
  tacit.sample {
    n = samples,
    stages = {
      tacit.generate { prefix = prefix, temperature = temperature, max_new_tokens = limit },
    },
  },
  tacit.vote {},
}
