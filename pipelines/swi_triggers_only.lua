--- Thinks in words only, but is stopped by the triggers of SwiReasoning: its control.
---
--- Entropy is measured, switches are counted and the same words are injected; every row that the
--- model reads is a token. What this saves is not due to latent thinking.
--- Paper: a control that arXiv:2510.05069 lacks. Cost: one pass per token.
--- Compare it with swi_reasoning.lua at the same max_switch_count and window_size.
local tacit = require "tacit"

local window = tacit.param("window_size", 512, "Steps before entropy may count as a new thought.")
local switches = tacit.param("max_switch_count", 2, "Switches until thought converges; -1 never.")
local temperature = tacit.param("temperature", 0.6, "0 takes the most probable token.")
local limit = tacit.param("max_new_tokens", 32768, "Tokens at most.")

return tacit.pipeline {
  name = "swi_triggers_only",
  tacit.chat { user = "{question}\n\nThink step by step. Put the answer in \\boxed{}." },
  tacit.swi_reasoning {
    triggers_only = true,
    max_new_tokens = limit,
    window_size = window,
    max_switch_count = switches >= 0 and switches or nil,
    temperature = temperature,
    top_p = 0.95,
    top_k = 20,
  },
}
