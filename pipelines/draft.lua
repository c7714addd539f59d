--- Reasons in written words; guesses tokens from the question and the text and checks them at once.
---
--- Paper: the retrieved branch of READER, arXiv:2508.09072, and prompt look-up decoding.
--- Cost: a pass per token that was not guessed; rows of guesses that fail are charged, too.
--- Fidelity: the text is that of chain_of_thought.lua, bit for bit, which is the control; what is
--- compared are passes and time. Helps where a text repeats itself, the question or the corpus.
local tacit = require "tacit"

local draft = tacit.param("draft", 5, "Tokens guessed in one pass at most; 0 guesses none.")
local match = tacit.param("min_match", 2, "Last tokens that must have stood together before.")
local prefix = tacit.param("prefix", "<think>", "Text that makes the model reason in words.")
local limit = tacit.param("max_new_tokens", 128, "Tokens of chain and answer at most.")

return tacit.pipeline {
  name = "draft",
  model = "prosqa",
  tacit.prompt {},
  tacit.generate {
    prefix = prefix,
    max_new_tokens = limit,
    draft = draft,
    draft_min_match = match,
  },
}
