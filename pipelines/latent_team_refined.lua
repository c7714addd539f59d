--- The sequential latent team, each thought of which is blended with the one before it.
---
--- Papers: LatentMAS, arXiv:2511.20639, with the residual refinement of arXiv:2506.08552.
--- Cost: that of latent_team_sequential.lua. alpha = 0 is that team.
--- Fidelity: a combination of ours. By default a blend keeps the norm of the new thought, because
--- the team's thoughts all have the mean norm of an embedding.
--- Give a chat model: tacit run pipelines/latent_team_refined.lua --model Qwen/Qwen3-0.6B
local tacit = require "tacit"
local team = require "prompts.team"

local task = tacit.param("task", "math", "Form of the answer: math or choice.")
local latent_steps = tacit.param("latent_steps", 20, "Thoughts of each agent but the judger.")
local alpha = tacit.param("alpha", 0.3, "Share of the thought before, 0 to 1.")
local renorm = tacit.param("renorm", "match", "match keeps the norm of the new thought.")
local temperature = tacit.param("temperature", 0.6, "0 takes the most probable token.")
local limit = tacit.param("max_new_tokens", 2048, "Tokens of the answer at most.")

local members = team.sequential(task)
local pipeline = { name = "latent_team_refined" }
for index, member in ipairs(members) do
  pipeline[index] = tacit.latent_agent {
    role = member.role,
    user = member.user,
    latent_steps = index == #members and 0 or latent_steps,
    refine = { tacit.residual_refinement { alpha = alpha, renorm = renorm } },
  }
end
pipeline[#pipeline + 1] = tacit.generate {
  max_new_tokens = limit,
  temperature = temperature,
  top_p = 0.95,
}

return tacit.pipeline(pipeline)
