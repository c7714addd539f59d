--- Coconut with blend, then search: the whole post-training refinement of its paper.
---
--- Paper: arXiv:2506.08552, in the order of its text; -P search_first=true is that of its figure.
--- Cost: three passes per thought in place of one, and two more models read the question.
--- Fidelity: rebuilt from the equations; see coconut_residual.lua and coconut_contrastive.lua.
local tacit = require "tacit"

local latent_steps = tacit.param("latent_steps", 6, "Continuous thoughts before the answer.")
local alpha = tacit.param("alpha", 0.3, "Share of the thought before, 0 to 1.")
local kappa = tacit.param("kappa", 0.1, "Length of the step in differences of the two states.")
local search_first = tacit.param("search_first", false, "Whether the search precedes the blend.")
local prefix = tacit.param("prefix", "###", "Text that makes the model answer after its thoughts.")

local blend = tacit.residual_refinement { alpha = alpha }
local search = tacit.contrastive_search { kappa = kappa }

return tacit.pipeline {
  name = "coconut_refined",
  models = { main = "prosqa", strong = "prosqa", weak = "prosqa-weak" },
  tacit.prompt {},
  tacit.coconut {
    latent_steps = latent_steps,
    refine = search_first and { search, blend } or { blend, search },
  },
  tacit.generate { prefix = prefix, max_new_tokens = 16 },
}
