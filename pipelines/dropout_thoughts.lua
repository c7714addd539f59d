--- Thinks several times through dropout inside the model and keeps the most frequent answer.
---
--- Paper: the Monte Carlo dropout of LatentTTS, arXiv:2510.07745, with the vote of
--- self-consistency, arXiv:2203.11171.
--- Cost: the question once for each sample, because it is read under dropout, too; with
--- covers_prompt = false once for all of them. Then thoughts and answer tokens of each.
--- Control: rate = 0 is Coconut, bit for bit, and all samples are equal; noise on the thoughts in
--- place of dropout is coconut_self_consistency.lua, one sample without either is coconut.lua.
--- Fidelity: thoughts and tokens equal the authors' program with its masks; decoding is greedy, so
--- that all diversity is in the thoughts. One sample: samples = 1; more: --repeats.
local tacit = require "tacit"

local samples = tacit.param("samples", 5, "Trains of thought.")
local latent_steps = tacit.param("latent_steps", 6, "Continuous thoughts of each.")
local rate = tacit.param("rate", 0.2, "Probability that a component is dropped; 0 is the control.")
local covers_prompt = tacit.param("covers_prompt", true, "Whether the question is under dropout.")
local prefix = tacit.param("prefix", "###", "Text that makes the model answer after its thoughts.")

return tacit.pipeline {
  name = "dropout_thoughts",
  model = "prosqa",
  tacit.prompt {},
  tacit.sample {
    n = samples,
    stages = {
      tacit.dropout_thoughts {
        latent_steps = latent_steps,
        rate = rate,
        covers_prompt = covers_prompt,
      },
      tacit.generate { prefix = prefix, max_new_tokens = 16 },
    },
  },
  tacit.vote {},
}
