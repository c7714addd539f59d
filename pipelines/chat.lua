--- Asks an instruction-tuned model in its own chat format and decodes the answer.
---
--- Cost: one pass over the prompt, then one pass per token.
--- Give the model on the command line: tacit run pipelines/chat.lua --model Qwen/Qwen3-0.6B
local tacit = require "tacit"

local thinking = tacit.param("thinking", true, "Whether the model may think in words first.")
local temperature = tacit.param("temperature", 0.6, "0 takes the most probable token.")
local limit = tacit.param("max_new_tokens", 1024, "Tokens at most.")

return tacit.pipeline {
  name = "chat",
  tacit.chat { enable_thinking = thinking },
  tacit.generate {
    max_new_tokens = limit,
    temperature = temperature,
    top_p = 0.95,
    top_k = 20,
  },
}
