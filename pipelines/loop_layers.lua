--- Answers through a stack whose middle layers run several times.
---
--- Paper: Training-Free Looped Transformers, arXiv:2605.23872.
--- Control: runs = 1 is plain decoding, bit for bit; damping = 1 is the plain repetition that the
--- paper finds to do harm.
--- Cost: as many more layers for every row, and keys and values of their own for each run.
--- Fidelity: a reconstruction; see `tacit list stages loop_layers`.
local tacit = require "tacit"

local runs = tacit.param("runs", 2, "How often the block runs; 1 is the control.")
local first_layer = tacit.param("first_layer", -1, "First layer of the block; -1 is a third in.")
local last_layer = tacit.param("last_layer", -1, "Last layer of the block; -1 is two thirds in.")
local max_new_tokens = tacit.param("max_new_tokens", 256, "Tokens of the answer at most.")

return tacit.pipeline {
  name = "loop_layers",
  tacit.loop_layers {
    runs = runs,
    first_layer = first_layer >= 0 and first_layer or nil,
    last_layer = last_layer >= 0 and last_layer or nil,
  },
  tacit.prompt {},
  tacit.generate { max_new_tokens = max_new_tokens },
}
