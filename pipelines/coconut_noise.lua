--- Coconut with Gaussian noise on every thought: how much does an answer depend on them?
---
--- Paper: the additive noise of LatentTTS, arXiv:2510.07745, there to draw several trajectories.
--- Cost: that of Coconut. sigma = 0 is Coconut; use --repeats to draw more than one trajectory.
--- Fidelity: sigma is relative to the thought's root mean square; in the paper it is absolute.
local tacit = require "tacit"

local latent_steps = tacit.param("latent_steps", 6, "Continuous thoughts before the answer.")
local sigma = tacit.param("sigma", 0.3, "Standard deviation over the thought's own.")
local prefix = tacit.param("prefix", "###", "Text that makes the model answer after its thoughts.")

return tacit.pipeline {
  name = "coconut_noise",
  model = "prosqa",
  tacit.prompt {},
  tacit.coconut {
    latent_steps = latent_steps,
    refine = { tacit.gaussian_noise { sigma = sigma } },
  },
  tacit.generate { prefix = prefix, max_new_tokens = 16 },
}
