--- Answers with the states of every layer turned towards vectors of contrasting prompts.
---
--- Paper: Fractional Reasoning, arXiv:2506.15882. Vectors are made once, of prompts that are not
--- evaluated: tacit vectors pairs.jsonl --model MODEL -o vectors.safetensors
--- Then: -P vectors=vectors.safetensors -P alpha=0.15,0.3,0.6
--- Control: alpha = 0 is plain decoding, bit for bit, and less than 0 turns states away.
--- Cost: that of decoding; the vectors cost next to nothing.
--- Fidelity: vectors and tokens equal the authors' program; see `tacit list stages steer`.
local tacit = require "tacit"

local alpha = tacit.param("alpha", 0.0, "How far states are turned; 0 is the control.")
local vectors = tacit.param("vectors", "", "File of the vectors; needed unless alpha is 0.")
local max_new_tokens = tacit.param("max_new_tokens", 256, "Tokens of the answer at most.")

return tacit.pipeline {
  name = "steer",
  tacit.steer { alpha = alpha, vectors = vectors ~= "" and vectors or nil },
  tacit.prompt {},
  tacit.generate { max_new_tokens = max_new_tokens },
}
