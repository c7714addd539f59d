--- Lets the answer begin after a thought that is closed before it began.
---
--- Paper: NoThinking, Ma et al. 2025, arXiv:2504.09858. Strong under a small budget of tokens,
--- above all with several samples; weaker than thinking with one sample and a large budget.
--- Cost: one pass over the prompt, then one pass per token of the answer.
--- Fidelity: the paper fills the block with a sentence; ours is empty unless `thought` says more.
--- A template that opens the block itself needs opening = "".
local tacit = require "tacit"

local opening = tacit.param("opening", "<think>", "Text that begins thinking.")
local thought = tacit.param("thought", "", "What the closed thought says.")
local temperature = tacit.param("temperature", 0.6, "0 takes the most probable token.")
local limit = tacit.param("max_new_tokens", 1024, "Tokens at most.")

return tacit.pipeline {
  name = "no_thinking",
  tacit.chat {
    user = "{question}\n\nPut the answer in \\boxed{}.",
    prefill = opening .. "\n" .. thought .. "\n</think>\n\n",
  },
  tacit.generate {
    max_new_tokens = limit,
    temperature = temperature,
    top_p = 0.95,
    top_k = 20,
  },
}
