--- One agent answers without any thoughts: the control of the latent teams.
---
--- With `equal_prompt` the model reads all prompts of the sequential team first and thinks nothing,
--- so that the answer rests on as much prompt as the team's; else it reads the question alone.
--- Cost: one pass over the prompts, then one pass per token of the answer.
--- Give a chat model: tacit run pipelines/single_agent.lua --model Qwen/Qwen3-0.6B
local tacit = require "tacit"
local team = require "prompts.team"

local task = tacit.param("task", "math", "Form of the answer: math or choice.")
local equal_prompt = tacit.param("equal_prompt", true, "Whether the team's prompts are read.")
local temperature = tacit.param("temperature", 0.6, "0 takes the most probable token.")
local limit = tacit.param("max_new_tokens", 2048, "Tokens of the answer at most.")

local pipeline = { name = "single_agent" }
if equal_prompt then
  for index, member in ipairs(team.sequential(task)) do
    pipeline[index] = tacit.latent_agent {
      role = member.role,
      user = member.user,
      latent_steps = 0,
    }
  end
else
  pipeline[1] = tacit.chat { user = team.alone(task) }
end
pipeline[#pipeline + 1] = tacit.generate {
  max_new_tokens = limit,
  temperature = temperature,
  top_p = 0.95,
}

return tacit.pipeline(pipeline)
