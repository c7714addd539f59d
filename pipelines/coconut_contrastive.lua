--- Coconut with every thought moved towards a strong and away from a weak model's next state.
---
--- Paper: contrastive reasoning feedback search, arXiv:2506.08552. It takes two earlier checkpoints
--- of the same training; the strong model here is the one that reasons.
--- Cost: three passes per thought in place of one, and each of the two models reads the question.
--- gradient = "full" goes back through both models in two passes more.
--- Fidelity: rebuilt from the equations; the paper's eta (kappa = 2 eta / D) is not known. Its
--- equation is printed with sign = "plus", its prose describes "minus":
--- tacit eval pipelines/coconut_contrastive.lua -P kappa=0,0.03,0.1,0.3,1 -P sign=plus
local tacit = require "tacit"

local latent_steps = tacit.param("latent_steps", 6, "Continuous thoughts before the answer.")
local kappa = tacit.param("kappa", 0.1, "Length of the step in differences of the two states.")
local sign = tacit.param("sign", "minus", "minus descends, plus is the printed equation.")
local gradient = tacit.param("gradient", "detached", "detached or full.")
local context = tacit.param("context", "contextual", "contextual or isolated second models.")
local prefix = tacit.param("prefix", "###", "Text that makes the model answer after its thoughts.")

return tacit.pipeline {
  name = "coconut_contrastive",
  models = { main = "prosqa", strong = "prosqa", weak = "prosqa-weak" },
  tacit.prompt {},
  tacit.coconut {
    latent_steps = latent_steps,
    refine = {
      tacit.contrastive_search {
        kappa = kappa, sign = sign, gradient = gradient, context = context,
      },
    },
  },
  tacit.generate { prefix = prefix, max_new_tokens = 16 },
}
