--- SwiReasoning whose soft rows are blended with the one before, then moved by contrastive search.
---
--- Papers: SwiReasoning, arXiv:2510.05069, with the refinement of arXiv:2506.08552.
--- Cost: three passes per soft row in place of one, and two more models read the prompt.
--- Fidelity: a combination of ours; each latent block is a span of its own, which begins without a
--- thought before it. alpha = 0 and kappa = 0 is swi_reasoning_small.lua.
local tacit = require "tacit"

local alpha = tacit.param("alpha", 0.3, "Share of the soft row before, 0 to 1.")
local kappa = tacit.param("kappa", 0.1, "Length of the step in differences of the two states.")
local window = tacit.param("window_size", 4, "Steps in words before soft thought may return.")
local temperature = tacit.param("temperature", 0.6, "0 takes the most probable token.")
local limit = tacit.param("max_new_tokens", 128, "Tokens at most; fixes the mixing schedule too.")

return tacit.pipeline {
  name = "swi_reasoning_refined",
  models = { main = "prosqa", strong = "prosqa", weak = "prosqa-weak" },
  tacit.prompt { template = "{question} <think>" },
  tacit.swi_reasoning {
    start_mixing = false,
    math_override = false,
    max_new_tokens = limit,
    alpha_0 = 0.6,
    window_size = window,
    temperature = temperature,
    top_p = 0.95,
    top_k = 20,
    refine = {
      tacit.residual_refinement { alpha = alpha },
      tacit.contrastive_search { kappa = kappa },
    },
  },
}
