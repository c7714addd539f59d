--- Three experts think on one memory, then a judger sums up and answers in words.
---
--- Paper: LatentMAS, arXiv:2511.20639, the hierarchical team. Prompts are our own.
--- Cost: one pass over each agent's prompt, one per thought, one per token of the answer.
--- Fidelity: as in the authors' program the experts run one after the other, and the later ones
--- see the thoughts of the earlier ones; the paper describes experts that do not.
--- Give a chat model: tacit run pipelines/latent_team_hierarchical.lua --model Qwen/Qwen3-0.6B
local tacit = require "tacit"
local team = require "prompts.team"

local task = tacit.param("task", "math", "Form of the answer: math or choice.")
local latent_steps = tacit.param("latent_steps", 20, "Thoughts of each expert.")
local solve = tacit.param("solve", false, "Whether states are mapped by the solved matrix.")
local temperature = tacit.param("temperature", 0.6, "0 takes the most probable token.")
local limit = tacit.param("max_new_tokens", 2048, "Tokens of the answer at most.")

local members = team.hierarchical(task)
local pipeline = { name = "latent_team_hierarchical" }
for index, member in ipairs(members) do
  pipeline[index] = tacit.latent_agent {
    role = member.role,
    user = member.user,
    latent_steps = index == #members and 0 or latent_steps,
    feedback = tacit.realign { solve = solve },
  }
end
pipeline[#pipeline + 1] = tacit.generate {
  max_new_tokens = limit,
  temperature = temperature,
  top_p = 0.95,
}

return tacit.pipeline(pipeline)
