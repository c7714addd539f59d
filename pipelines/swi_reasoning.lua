--- Switches by entropy between thinking in soft embeddings and thinking in words.
---
--- Paper: SwiReasoning, Shi et al. 2025, arXiv:2510.05069. Needs a model that thinks between
--- <think> and </think>: tacit run pipelines/swi_reasoning.lua --model Qwen/Qwen3-1.7B
--- On the embedded model: swi_reasoning_small.lua.
--- Cost: one pass and one row of the head per token, as in chat.lua. A soft row also reads the
--- embedding matrix once more; with the published window few rows are soft.
--- Fidelity: tokens, switches and rows equal the authors' program when greedy; the prompt and the
--- injected words are ours. Compare with swi_triggers_only.lua and chat.lua.
---
--- alpha_0 as published (it was chosen on the test sets); GSM8K, MATH500, GPQA-D, AIME24, AIME25:
---   Qwen3-1.7B           0.6  0.5  1.0  0.5   0.3
---   Qwen3-8B             0.5  1.0  1.0  0.9   0.9
---   R1-Distill-Llama-8B  0.1  0.5  0.7  0.65  0.7
--- Everywhere beta_0 = 0.7, a window of 512, 32768 tokens (AIME 38912), no limit of switches; where
--- tokens are to be saved, a limit of 1 or 2. The limit counts to half of the paper's C_max.
local tacit = require "tacit"

local alpha = tacit.param("alpha_0", 0.6, "First share of the soft embedding on entering thought.")
local beta = tacit.param("beta_0", 0.7, "First share of the soft embedding on leaving it.")
local window = tacit.param("window_size", 512, "Steps in words before soft thought may return.")
local switches = tacit.param("max_switch_count", -1, "Switches until thought converges; -1 never.")
local temperature = tacit.param("temperature", 0.6, "0 takes the most probable token.")
local limit = tacit.param("max_new_tokens", 32768, "Tokens at most; fixes the mixing schedule too.")

return tacit.pipeline {
  name = "swi_reasoning",
  tacit.chat { user = "{question}\n\nThink step by step. Put the answer in \\boxed{}." },
  tacit.swi_reasoning {
    max_new_tokens = limit,
    alpha_0 = alpha,
    beta_0 = beta,
    window_size = window,
    max_switch_count = switches >= 0 and switches or nil,
    temperature = temperature,
    top_p = 0.95,
    top_k = 20,
  },
}
