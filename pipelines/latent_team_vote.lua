--- The sequential latent team, whose judger answers several times; the most frequent answer counts.
---
--- Papers: LatentMAS, arXiv:2511.20639, with the vote of self-consistency, arXiv:2203.11171.
--- Cost: the team's prompts and thoughts once, then `samples` times one pass per token.
--- Fidelity: a combination of ours. One sample is latent_team_sequential.lua; to see what the vote
--- adds to no team at all, compare with self_consistency.lua.
--- Give a chat model: tacit run pipelines/latent_team_vote.lua --model Qwen/Qwen3-0.6B
local tacit = require "tacit"
local team = require "prompts.team"

local task = tacit.param("task", "math", "Form of the answer: math or choice.")
local samples = tacit.param("samples", 5, "Answers of the judger.")
local latent_steps = tacit.param("latent_steps", 20, "Thoughts of each agent but the judger.")
local temperature = tacit.param("temperature", 0.6, "Of sampling; 0 writes one answer many times.")
local limit = tacit.param("max_new_tokens", 2048, "Tokens of each answer at most.")

local members = team.sequential(task)
local pipeline = { name = "latent_team_vote" }
for index, member in ipairs(members) do
  pipeline[index] = tacit.latent_agent {
    role = member.role,
    user = member.user,
    latent_steps = index == #members and 0 or latent_steps,
  }
end
pipeline[#pipeline + 1] = tacit.sample {
  n = samples,
  stages = {
    tacit.generate { max_new_tokens = limit, temperature = temperature, top_p = 0.95 },
  },
}
pipeline[#pipeline + 1] = tacit.vote {}

return tacit.pipeline(pipeline)
