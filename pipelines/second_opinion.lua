--- Answers after few thoughts and after many from one memory; keeps the answer that both give.
---
--- A stage written in the recipe: every call on the state waits for the model, so that questions
--- that run side by side are batched like those of stages written in Swift.
--- Cost: Coconut twice, with the question read once.
local tacit = require "tacit"

local few = tacit.param("few", 4, "Thoughts of the first opinion.")
local many = tacit.param("many", 6, "Thoughts of the second opinion.")

local second_opinion = tacit.stage {
  name = "second_opinion",
  requires = { "prompt" },
  provides = { "text" },
  ---@param state tacit.State
  run = function(state)
    local start = state:checkpoint()
    state:coconut { latent_steps = few }
    local first = state:generate { prefix = "###", max_new_tokens = 16 }
    state:restore(start)
    state:coconut { latent_steps = many }
    local second = state:generate { prefix = "###", max_new_tokens = 16 }
    if state:answer(first) == state:answer(second) then
      state:finish(first)
    else
      state:finish(second)
    end
  end,
}

return tacit.pipeline {
  name = "second_opinion",
  model = "prosqa",
  tacit.prompt {},
  second_opinion,
}
