--- Answers, then seeks a better answer by optimising the states behind its first tokens.
---
--- Paper: LatentSeek, Li et al. 2025, arXiv:2505.13308.
--- Cost: up to `max_steps` more answers, and with reward = "verify" four judgements of each.
--- Fidelity: tokens and states equal the authors' program for given rewards; the questions of the
--- verification are ours. -P returns=best is not in the paper.
--- Controls: -P reward=constant,random tell what the reward adds; max_steps = 0 is greedy decoding.
--- With -P reward=scorer the right answer judges (tacit eval, tacit compare): an oracle, whose
--- accuracy is an upper bound; results are marked.
--- Give a chat model: tacit run pipelines/latent_seek.lua --model Qwen/Qwen3-0.6B
local tacit = require "tacit"

local reward = tacit.param("reward", "verify", "verify, scorer, constant or random.")
local rho = tacit.param("rho", 0.1, "Share of the answer whose states are optimised.")
local steps = tacit.param("max_steps", 10, "Steps at most.")
local rate = tacit.param("learning_rate", 0.03, "Learning rate of Adam.")
local returns = tacit.param("returns", "last", "Whose answer counts: last or best.")
local limit = tacit.param("max_new_tokens", 1024, "Tokens of an answer at most.")

--- A number from -1 to 0 that depends on nothing but the texts.
local function random(question, answer)
  local hash = 17
  for _, byte in ipairs { (question .. "\n" .. answer):byte(1, 4000) } do
    hash = (hash * 31 + byte) % 1000003
  end
  return (hash * 7919 % 1009) / 1009 - 1
end

local controls = {
  constant = function()
    return -1
  end,
  random = random,
}

return tacit.pipeline {
  name = "latent_seek",
  tacit.chat {
    user = "{question}\n\nThink step by step. Put the answer in \\boxed{}.",
    enable_thinking = false,
  },
  tacit.latent_seek {
    max_new_tokens = limit,
    rho = rho,
    max_steps = steps,
    learning_rate = rate,
    returns = returns,
    reward = controls[reward] and "verify" or reward,
    reward_function = controls[reward],
  },
}
