--- Trains a model of 338 thousand weights to answer ProsQA in continuous thoughts, or a control.
---
--- Paper: Coconut, Hao et al. 2024, arXiv:2412.06769; the targets of thoughts are those of
--- Zhu et al. 2025, arXiv:2505.12514. All questions are new in every step.
--- Measured with seed 0, the embedded model: 94.0 % of the 300 official validation problems with
--- six thoughts (90.7 to 96.2), 69.7 % with three; 97.3 % with seed 1. The controls:
--- chain_of_thought 70.0 %, no_thoughts 55.7 %; direct 50.0 %, pause 50.3 %, and coconut with
--- `thought_targets=false` 47.7 % stay at chance.
--- Run with `tacit train pipelines/train/prosqa.lua -P method=… -P seed=…`; the methods are
---   coconut           thoughts, words, and answers at once, in one model
---   direct            answers at once
---   chain_of_thought  words
---   pause             one fixed embedding in place of each thought
---   no_thoughts       the curriculum of Coconut, steps left out one by one, nothing in their place
local tacit = require "tacit"

local method = tacit.param("method", "coconut", "coconut or one of its controls, see above.")
local seed = tacit.param("seed", 0, "Seed of all random numbers.")
local steps = tacit.param("steps", 40000, "Steps of the optimiser.")
local targets = tacit.param("thought_targets", true, "Whether thoughts are supervised.")
local dataset = tacit.param("dataset", "", "Evaluation questions; empty is new problems.")

local counts = { 0, 1, 2, 3, 4, 5, 6 }

-- At first all kinds of continuations teach how facts are found; then mostly answers.
local settled = 0.12

-- An answer that cannot be known yet matters little, and more once the rest is learned.
local early = { { 0, 0.5 }, { settled, 0.5 }, { settled, 0.05 }, { 0.55, 0.05 }, { 0.55, 0.3 } }
local known = { { 0, 1 }, { settled, 1 }, { settled, 3 } }

local direct = { weights = { early = early } }
local in_words = { follow = "steps" }

--- An answer after some thoughts, always also after six.
local function answers(feed)
  return {
    feed = feed, thoughts = counts, draw = 3, always = { 6 },
    weights = { answer = known, early = early },
  }
end

--- Some thoughts, then the rest of the way in words.
local function mixture(feed)
  return { feed = feed, follow = "steps", thoughts = { 0, 1, 2, 3, 4, 5 }, draw = 1 }
end

--- Many short continuations of a graph, and at times all kinds of them.
local function thinking(feed)
  return {
    { share = { { settled, 0 }, { settled, 0.7 } }, questions = 6, modes = { answers(feed) } },
    {
      share = { { settled, 1 }, { settled, 0.3 } }, questions = 3,
      modes = { direct, in_words, answers(feed), mixture(feed) },
    },
  }
end

--- Stage by stage one more step is left out; at last nothing but the answer is left.
local function leaving_out()
  local modes = { {} }
  for count = 0, 5 do
    local start, stop = 0.12 * count, 0.12 * (count + 2)
    table.insert(modes, {
      follow = "steps", thoughts = { count },
      share = {
        knots = { { 0, count == 0 and 1 or 0 }, { start, 1 }, { stop, 0 } }, curve = "step",
      },
    })
  end
  return { { questions = 6, modes = modes } }
end

local batches = {
  coconut = thinking "state",
  pause = thinking "pause",
  direct = { { questions = 6, modes = { {} } } },
  chain_of_thought = { { questions = 3, modes = { in_words } } },
  no_thoughts = leaving_out(),
}
assert(batches[method], "method: expected coconut, direct, chain_of_thought, pause or no_thoughts")

local measured = { { name = "direct" }, { name = "words", follow = "steps" } }
if method == "coconut" or method == "pause" then
  local feed = method == "coconut" and "state" or "pause"
  for _, count in ipairs(counts) do
    table.insert(measured, { name = "k" .. count, feed = feed, thoughts = count })
  end
end

local is_supervised = method == "coconut" and targets
local name = method == "coconut" and "prosqa" or "prosqa_" .. method
if method == "coconut" and not targets then name = name .. "_unsupervised" end

local summary = {
  coconut = "Answers ProsQA questions after continuous thoughts, in words, or at once.",
  direct = "Answers ProsQA questions at once: the dedicated baseline without reasoning.",
  chain_of_thought = "Answers ProsQA questions after writing its steps: a dedicated baseline.",
  pause = "Answers ProsQA questions after fixed embeddings in place of thoughts: a control.",
  no_thoughts = "Answers ProsQA questions; trained by leaving out steps one by one: a control.",
}

return tacit.training {
  name = seed == 0 and name or name .. "_" .. seed,
  seed = seed,
  steps = steps,
  tokenizer = "prosqa",
  model = {
    hidden_size = 128, intermediate_size = 256, num_hidden_layers = 2, num_attention_heads = 4,
  },
  init = { embedding_norm = 3, common_norm = 2.5, previous_token_score = 5 },
  optimizer = {
    learning_rate = { { 0, 0.002 }, { 0.5, 0.002 }, { 1, 0 } },
    warmup_steps = 200, beta2 = 0.98, weight_decay = 0.01, clip_norm = 1,
  },
  problems = {
    -- Small graphs until a search of one step is learned, then larger ones, then ProsQA's own.
    nodes = { { 0, 8 }, { 0.2, 8 }, { 0.45, 23.5 } },
    published = { { 0, 0 }, { 0.45, 0 }, { 0.45, 0.7 } },
    hop_power = 3,
  },
  graphs = 16,
  batches = batches[method],
  thought_targets = is_supervised and { target = "walk", weight = 1 } or nil,
  evaluation = {
    every = 500, limit = 300, dataset = dataset ~= "" and dataset or nil, modes = measured,
  },
  snapshots = { { name = "weak", at = 0.6 } },
  card = {
    summary = summary[method] .. " Knows 55 symbols and nothing else.",
    caution = "A toy for studying mechanisms: 338 thousand weights, one synthetic task. One head "
      .. "begins as a look at the previous token"
      .. (is_supervised and ", and thoughts are supervised with the ends of walks" or "")
      .. ". ProsQA is not balanced: rules without any search answer 66 to 88 % of it. "
      .. "Modes of one model do not show what a model trained for one mode alone would do, "
      .. "one seed says nothing about others, and nothing here says anything about language "
      .. "models that were trained on text.",
  },
  log_every = 50,
  save_every = 500,
}
