--- Thinks in states that are mapped back to the embeddings, then answers: runs on every checkpoint.
---
--- Paper: the feedback of LatentMAS, arXiv:2511.20639, for one agent without a team.
--- Cost: one pass per thought and per token; the map is solved once per model.
--- Fidelity: the map equals the authors'; solve = false is the identity, as their command line has
--- it. The embedded model was trained to think in raw states between markers: see coconut.lua.
local tacit = require "tacit"

local latent_steps = tacit.param("latent_steps", 6, "Thoughts before the answer.")
local solve = tacit.param("solve", true, "Whether states are mapped by the solved matrix.")
local prefix = tacit.param("prefix", "###", "Text that makes the model answer after its thoughts.")

return tacit.pipeline {
  name = "think_realign",
  model = "prosqa",
  tacit.prompt {},
  tacit.think {
    latent_steps = latent_steps,
    feedback = tacit.realign { solve = solve },
  },
  tacit.generate { prefix = prefix, max_new_tokens = 16 },
}
