--- SwiReasoning for small models without a chat format, such as the embedded one.
---
--- Paper: SwiReasoning, Shi et al. 2025, arXiv:2510.05069; see swi_reasoning.lua for large models.
--- Cost: one pass and one row of the head per token.
--- Fidelity: the method is the same. Left out is what presupposes the vocabulary of a large model:
--- the share of a start token in the first row, and reading mathematical symbols as they are.
--- The window is as short as these chains of thought; on such models the method gains nothing.
--- With its control:
--- tacit eval pipelines/swi_reasoning_small.lua -P triggers_only=false,true -P max_switch_count=2
local tacit = require "tacit"

local triggers = tacit.param("triggers_only", false, "Control: counts switches, thinks in words.")
local alpha = tacit.param("alpha_0", 0.6, "First share of the soft embedding on entering thought.")
local beta = tacit.param("beta_0", 0.7, "First share of the soft embedding on leaving it.")
local window = tacit.param("window_size", 4, "Steps in words before soft thought may return.")
local switches = tacit.param("max_switch_count", -1, "Switches until thought converges; -1 never.")
local temperature = tacit.param("temperature", 0.6, "0 takes the most probable token.")
local limit = tacit.param("max_new_tokens", 128, "Tokens at most; fixes the mixing schedule too.")

return tacit.pipeline {
  name = "swi_reasoning_small",
  model = "prosqa",
  tacit.prompt { template = "{question} <think>" },
  tacit.swi_reasoning {
    triggers_only = triggers,
    start_mixing = false,
    math_override = false,
    max_new_tokens = limit,
    alpha_0 = alpha,
    beta_0 = beta,
    window_size = window,
    max_switch_count = switches >= 0 and switches or nil,
    temperature = temperature,
    top_p = 0.95,
    top_k = 20,
  },
}
