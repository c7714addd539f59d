--- Thinks in a block of continuous thoughts that a few passes refine in parallel, then answers.
---
--- Paper: PCCoT, arXiv:2506.18582. A checkpoint of its authors has 24 thoughts, 3 iterations and
--- other words before its answer: -P latent_steps=24 -P prefix='The answer is:', and a projection
--- where it was trained with one: -P projection=prj.safetensors (prj.0.weight and so on).
--- Controls: iterations = 0 is pause.lua; as many iterations as thoughts, or more, are coconut.lua
--- (without a projection).
--- Cost: one pass over the question, one over the thoughts per iteration, one per answer token.
--- Fidelity: thoughts and tokens equal the authors' program, each question by itself.
local tacit = require "tacit"

local latent_steps = tacit.param("latent_steps", 6, "Continuous thoughts before the answer.")
local iterations = tacit.param("iterations", 3, "Passes that refine them; 0 is the control.")
local projection = tacit.param("projection", "", "File of the projection; none is the identity.")
local prefix = tacit.param("prefix", "###", "Text that makes the model answer after its thoughts.")

return tacit.pipeline {
  name = "pccot",
  model = "prosqa",
  tacit.prompt {},
  tacit.pccot {
    latent_steps = latent_steps,
    iterations = iterations,
    projection = projection ~= "" and projection or nil,
  },
  tacit.generate { prefix = prefix, max_new_tokens = 16 },
}
