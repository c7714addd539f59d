--- The batches that take most of a Coconut run, without evaluation: for Tests/Benchmarks/training.py.
local tacit = require "tacit"

local steps = tacit.param("steps", 30, "Steps of the run.")
local share = tacit.param("full", 0.0, "Share of batches with chains in words.")
local counts = { 0, 1, 2, 3, 4, 5, 6 }
local answers = { feed = "state", thoughts = counts, draw = 3, always = { 6 } }
local mixture = { feed = "state", follow = "steps", thoughts = { 0, 1, 2, 3, 4, 5 }, draw = 1 }

return tacit.training {
  name = "benchmark",
  steps = steps,
  optimizer = { learning_rate = 0.002, warmup_steps = 200 },
  problems = { nodes = 23.5 },
  batches = {
    { share = 1 - share, questions = 6, modes = { answers } },
    { share = share, questions = 3, modes = { {}, { follow = "steps" }, answers, mixture } },
  },
  thought_targets = {},
  log_every = 5,
  save_every = steps,
}
