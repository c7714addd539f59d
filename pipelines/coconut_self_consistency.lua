--- Thinks several times with noise on the thoughts and keeps the most frequent answer.
---
--- Papers: Coconut, arXiv:2412.06769, sampled as in LatentTTS, arXiv:2510.07745, with the vote of
--- self-consistency, arXiv:2203.11171.
--- Cost: the question once, then `samples` times Coconut's thoughts and answer tokens.
--- Fidelity: decoding is greedy, so that all diversity is in the thoughts; sigma is relative to a
--- thought's root mean square, in the paper it is absolute. One sample: coconut_noise.lua.
local tacit = require "tacit"

local samples = tacit.param("samples", 5, "Trains of thought.")
local latent_steps = tacit.param("latent_steps", 6, "Continuous thoughts of each.")
local sigma = tacit.param("sigma", 0.3, "Standard deviation over the thought's own.")
local prefix = tacit.param("prefix", "###", "Text that makes the model answer after its thoughts.")

return tacit.pipeline {
  name = "coconut_self_consistency",
  model = "prosqa",
  tacit.prompt {},
  tacit.sample {
    n = samples,
    stages = {
      tacit.coconut {
        latent_steps = latent_steps,
        refine = { tacit.gaussian_noise { sigma = sigma } },
      },
      tacit.generate { prefix = prefix, max_new_tokens = 16 },
    },
  },
  tacit.vote {},
}
