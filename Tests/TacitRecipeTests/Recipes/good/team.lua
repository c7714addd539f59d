local tacit = require "tacit"
local prompts = require "prompts.math"
assert(require "prompts.math" == prompts)

local team = { tacit.chat { template = function(messages) return prompts.wrap(messages[1].content) end } }
for _, role in ipairs { "planner", "critic" } do
  team[#team + 1] = tacit.latent_agent { role = role }
end

local second_opinion = tacit.stage {
  name = "second_opinion",
  requires = { "memory" },
  provides = { "text" },
  run = function(state)
    local memory = state:checkpoint()
    local first = state:generate { max_new_tokens = 256 }
    state:restore(memory)
    state:think { latent_steps = 2, feedback = tacit.soft_embedding {} }
    local second = state:run(tacit.generate {})
    local fork = state:fork()
    fork:read { 1, 2, 3 }
    fork:finish "ignored"
    local ok, message = pcall(state.coconut, state, { latent_steps = 13 })
    assert(not ok and message:find "no latent markers", message)
    assert(state.budget.positions == nil)
    assert(state.rng:uniform() < 1 and state.rng:integer(1) == 1)
    state:finish(state.question .. "|" .. state:answer(first) .. "|" .. state:answer(second) .. "|" .. state.sample_id .. "|" .. state.budget.tokens)
  end,
}

return tacit.pipeline { name = "team", tacit.sequence(team), second_opinion }
