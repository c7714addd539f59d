--- A planner, a critic, a refiner and a judger who write to each other: the explicit baseline.
---
--- Paper: the text-mediated team that LatentMAS (arXiv:2511.20639) is compared with. Prompts are
--- our own, and differ from the latent team's only in that the work of others stands in them.
--- Cost: each agent reads its prompt with texts of others and writes one token per pass; nothing
--- but text is passed on. Every token is counted; the answer holds those of the judger.
--- Give a chat model: tacit run pipelines/text_team.lua --model Qwen/Qwen3-0.6B
local tacit = require "tacit"
local team = require "prompts.team"

local task = tacit.param("task", "math", "Form of the answer: math or choice.")
local thinking = tacit.param("thinking", true, "Whether agents may think in words first.")
local temperature = tacit.param("temperature", 0.6, "0 takes the most probable token.")
local notes = tacit.param("max_note_tokens", 512, "Tokens of each text for other agents at most.")
local limit = tacit.param("max_new_tokens", 2048, "Tokens of the answer at most.")

local members = team.written(task)

--- What follows the words of a thinking model.
local function spoken(text)
  local _, last = text:find ".*</think>"
  return text:sub((last or 0) + 1)
end

local written_team = tacit.stage {
  name = "text_team",
  provides = { "prompt", "text" },
  ---@param state tacit.State
  run = function(state)
    local empty = state:checkpoint()
    local texts = {}
    for index, member in ipairs(members) do
      state:restore(empty)
      state:note(member.role)
      state:chat { user = member.user(table.unpack(texts)), enable_thinking = thinking }
      local text = state:generate {
        max_new_tokens = index == #members and limit or notes,
        temperature = temperature,
        top_p = 0.95,
      }
      texts[index] = spoken(text)
    end
  end,
}

return tacit.pipeline { name = "text_team", written_team }
