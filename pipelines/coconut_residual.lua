--- Coconut with every thought blended with the one before it.
---
--- Paper: residual embedding refinement, arXiv:2506.08552.
--- Cost: that of Coconut. alpha = 0 is Coconut; alpha = 1 repeats the first thought.
--- form = "convex_cur" makes alpha the share of the new thought; "additive" adds the one before.
--- Fidelity: rebuilt from the equations; the paper's alpha is not known, scan it:
--- tacit eval pipelines/coconut_residual.lua -P alpha=0,0.1,0.3,0.5,0.7,0.9,1
local tacit = require "tacit"

local latent_steps = tacit.param("latent_steps", 6, "Continuous thoughts before the answer.")
local alpha = tacit.param("alpha", 0.3, "Share of the thought before, 0 to 1.")
local form = tacit.param("form", "convex_prev", "convex_prev, convex_cur or additive.")
local renorm = tacit.param("renorm", "none", "match keeps the norm of the new thought.")
local prefix = tacit.param("prefix", "###", "Text that makes the model answer after its thoughts.")

return tacit.pipeline {
  name = "coconut_residual",
  model = "prosqa",
  tacit.prompt {},
  tacit.coconut {
    latent_steps = latent_steps,
    refine = { tacit.residual_refinement { alpha = alpha, form = form, renorm = renorm } },
  },
  tacit.generate { prefix = prefix, max_new_tokens = 16 },
}
