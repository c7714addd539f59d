--- A planner, a critic and a refiner think on one memory, then a judger answers in words.
---
--- Paper: LatentMAS, arXiv:2511.20639, the sequential team. Prompts are our own.
--- Cost: one pass over each agent's prompt, one per thought, one per token of the answer.
--- With `transfer = "rows"` the judger reads everything anew within its own prompt, as in the
--- authors' second program; with the default it attends to the memory.
--- Fidelity: thoughts and tokens equal the authors' program on equal prompts; see
--- `tacit list stages latent_agent`. The state after an agent's last thought is not computed.
--- Give a chat model: tacit run pipelines/latent_team_sequential.lua --model Qwen/Qwen3-0.6B
local tacit = require "tacit"
local team = require "prompts.team"

local task = tacit.param("task", "math", "Form of the answer: math or choice.")
local latent_steps = tacit.param("latent_steps", 20, "Thoughts of each agent but the judger.")
local solve = tacit.param("solve", false, "Whether states are mapped by the solved matrix.")
local keep = tacit.param("keep", "all", "What an agent hands on: all, turn or latent.")
local transfer = tacit.param("transfer", "memory", "What the judger takes over: memory or rows.")
local temperature = tacit.param("temperature", 0.6, "0 takes the most probable token.")
local limit = tacit.param("max_new_tokens", 2048, "Tokens of the answer at most.")

local members = team.sequential(task)
local pipeline = { name = "latent_team_sequential" }
for index, member in ipairs(members) do
  local answers = index == #members
  pipeline[index] = tacit.latent_agent {
    role = member.role,
    user = answers and transfer == "rows" and "{memory}" .. member.user or member.user,
    latent_steps = answers and 0 or latent_steps,
    keep = answers and "all" or keep,
    transfer = answers and transfer or "memory",
    feedback = tacit.realign { solve = solve },
  }
end
pipeline[#pipeline + 1] = tacit.generate {
  max_new_tokens = limit,
  temperature = temperature,
  top_p = 0.95,
}

return tacit.pipeline(pipeline)
