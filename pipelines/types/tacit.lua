---@meta tacit

---@class tacit
---@field version tacit.Version
local tacit = {}

---@class tacit.Stage
---@class tacit.Pipeline: tacit.Stage
---@class tacit.Feedback
---@class tacit.Refiner
---@class tacit.Checkpoint
---@class tacit.Training

---@class tacit.Version
---@field text string The version of this host.
local Version = {}

---Refuses to load on an older host: `tacit.version:require "0.1"`.
---@param version string
function Version:require(version) end

---@class (exact) tacit.ChatOptions
---@field system? string Text of the system message; unset leaves it to the template.
---@field user? string Text of the user message; {question} stands for the question. Default "{question}".
---@field enable_thinking? boolean What the template is told where it knows the switch. Default true.
---@field add_generation_prompt? boolean Whether the turn of the assistant is opened. Default true.
---@field prefill? string Text that the assistant's turn begins with. Default "".
---@field template? fun(...): any A function from the list of messages to the prompt, in place of the model's template.

---Puts the question before the model in its own chat format.
---
---Provides: prompt. Source: Tacit (faithful).
---@param options? tacit.ChatOptions
---@return tacit.Stage
function tacit.chat(options) end

---@class (exact) tacit.CoconutOptions
---@field latent_steps? integer Continuous thoughts. Default 6, 0 to 4096.
---@field feedback? tacit.Feedback What the model reads next while it thinks; by default the raw hidden state.
---@field refine? tacit.Refiner[] Refiners of every thought before it is read, applied in this order. Default {}.

---Feeds the last hidden state back as the next input row.
---
---Requires: prompt. Provides: hidden, memory. Source: arXiv:2412.06769, section 3 (faithful).
---@param options? tacit.CoconutOptions
---@return tacit.Stage
function tacit.coconut(options) end

---@class (exact) tacit.DropoutThoughtsOptions
---@field latent_steps? integer Continuous thoughts. Default 6, 0 to 4096.
---@field rate? number Probability that a component is dropped; 0 is coconut. Default 0.2, 0.0 to 0.999.
---@field sites? ("embedding"|"attention_weights"|"attention"|"feed_forward")[] Where components are dropped; by default where the authors' program does for evaluation. Default { "attention", "feed_forward" }.
---@field covers_prompt? boolean Whether the prompt and the start marker are read under dropout, anew where they were. Default false.
---@field covers_last? boolean Whether the last thought is, which is read with the end marker. Default false.
---@field covers_answer? boolean Whether everything from the last thought on is, the answer included. Default false.
---@field feedback? tacit.Feedback What the model reads next while it thinks; by default the raw hidden state.
---@field refine? tacit.Refiner[] Refiners of every thought before it is read, applied in this order. Default {}.

---Feeds the last hidden state back through masks of dropout that each sample has of its own.
---
---Requires: prompt. Provides: hidden, memory. Source: arXiv:2510.07745, Monte Carlo dropout (faithful).
---@param options? tacit.DropoutThoughtsOptions
---@return tacit.Stage
function tacit.dropout_thoughts(options) end

---@class (exact) tacit.GenerateOptions
---@field max_new_tokens? integer Tokens at most, forced ones included. Default 256, 0 or more.
---@field temperature? number Divides the logits; 0 takes the most probable token. Default 0.0, 0.0 or more.
---@field top_k? integer Keeps the k most probable tokens; 0 keeps all. Default 0, 0 or more.
---@field top_p? number Keeps the fewest tokens that together have this probability. Default 1.0, 0.0 to 1.0.
---@field min_p? number Keeps tokens at least this probable relative to the most probable one. Default 0.0, 0.0 to 1.0.
---@field prefix? string Text that is emitted before anything is sampled. Default "".
---@field stop? string[] Texts that end the decoding; they are not part of the result.
---@field eos_token_ids? integer[] Tokens that end the text, in place of the model's own.
---@field ignore_eos? boolean Goes on after an end-of-sequence token. Default false.
---@field skip_first_eos? boolean Does not test the first token, as Coconut's published decoding loop. Default false.
---@field draft? integer Tokens guessed and checked in one pass at most, which changes costs only; 0 guesses none. Default 0, 0 to 256.
---@field draft_min_match? integer Last tokens that must stand earlier in the text, or in the corpus, for a guess. Default 2, 1 to 64.
---@field draft_max_match? integer Last tokens that are looked for at first. Default 4, 1 to 64.
---@field draft_corpus? string[] Texts in which guesses are looked up besides what was read before.

---Decodes token by token until the text ends.
---
---Requires: prompt. Provides: text. Source: Tacit (faithful).
---@param options? tacit.GenerateOptions
---@return tacit.Stage
function tacit.generate(options) end

---@class (exact) tacit.LatentAgentOptions
---@field role? string Name of the agent in the trace. Default "agent".
---@field system? string Text of the system message; unset leaves it to the template.
---@field user? string Text of the prompt; {question} stands for the question. Default "{question}".
---@field format? "chat"|"plain" Puts the texts in the model's chat format, or one after the other as they are. Default "chat".
---@field enable_thinking? boolean What the template is told where it knows the switch. Default true.
---@field prompt_token_ids? integer[] Token ids to read in place of the texts.
---@field think_marker? boolean Whether <think> follows the prompt. Default false.
---@field latent_steps? integer Thoughts; 0 only reads, as the agent does that answers. Default 20, 0 to 4096.
---@field keep? "all"|"turn"|"latent" What remains of the memory: everything, this agent's prompt and thoughts, or its thoughts. Default "all".
---@field positions? "continue"|"restart" Where rows continue after a part was dropped: as if nothing was, or, as in the authors' code, at the number of columns kept. Default "continue".
---@field transfer? "memory"|"rows" What is taken over from the agent before: its memory, or the rows that lie in it, which are read anew, at the cost of as many positions. Default "memory".
---@field insert_at? integer Tokens of the prompt that come before rows taken over; unset looks for {memory} in the texts, else 0. 0 or more.
---@field feedback? tacit.Feedback What the model reads next while it thinks; by default tacit.realign { solve = false }.
---@field refine? tacit.Refiner[] Refiners of every thought before it is read, applied in this order. Default {}.

---Reads an agent's prompt and thinks on the shared memory.
---
---Provides: prompt, hidden, memory. Source: arXiv:2511.20639 (faithful).
---@param options? tacit.LatentAgentOptions
---@return tacit.Stage
function tacit.latent_agent(options) end

---@class (exact) tacit.LatentSeekOptions
---@field max_new_tokens? integer Tokens of the answer at most. Default 1024, 0 or more.
---@field max_rest_tokens? integer Tokens behind the rewritten ones at most; by default what max_new_tokens leaves. 0 or more.
---@field stop? string[] Texts that end the answer; they are not part of the result.
---@field eos_token_ids? integer[] Tokens that end the answer, in place of the model's own.
---@field ignore_eos? boolean Goes on after an end-of-sequence token. Default false.
---@field rho? number Share of the answer whose states are optimised. Default 0.1, 0.0 to 1.0.
---@field max_states? integer States that are optimised at most. Default 300, 0 or more.
---@field max_steps? integer Steps at most; 0 is plain greedy decoding. Default 10, 0 or more.
---@field learning_rate? number Learning rate of Adam. Default 0.03, 0.0 or more.
---@field gradient_clip? number Norm of the gradient at most; by default unlimited. 0.0 or more.
---@field reward_threshold? number A reward above this ends the search. Default -0.2.
---@field returns? "last"|"best" Whose answer counts: that of the last step, or the one with the best reward. Default "last".
---@field reward? "verify"|"scorer" What judges answers: the model itself, or the right answer of the dataset (an oracle). Default "verify".
---@field reward_function? fun(...): any A function from question and answer to the reward, in place of `reward`.
---@field max_verify_tokens? integer Tokens of each judgement of the model at most. Default 256, 1 or more.

---Rewrites the beginning of its answer by policy gradient on states until a reward suffices.
---
---Requires: prompt. Provides: text. Source: arXiv:2505.13308 (analogue).
---@param options? tacit.LatentSeekOptions
---@return tacit.Stage
function tacit.latent_seek(options) end

---@class (exact) tacit.LoopLayersOptions
---@field first_layer? integer First layer of the block, from 0; by default a third of the layers lies before it. 0 or more.
---@field last_layer? integer Last layer of the block; by default a third of the layers lies behind it. 0 or more.
---@field runs? integer How often the block runs; 1 changes nothing. Default 2, 1 to 256.
---@field damping? number Share of each run's change that is taken; by default 1 / runs. 0.0 to 1.0.

---Runs layers of the middle of the stack several times.
---
---Source: arXiv:2605.23872 (reconstruction).
---@param options? tacit.LoopLayersOptions
---@return tacit.Stage
function tacit.loop_layers(options) end

---@class (exact) tacit.PauseOptions
---@field latent_steps? integer Rows in place of thoughts. Default 6, 0 to 4096.
---@field token? string Token whose embedding is fed; by default the latent marker.

---Feeds one fixed embedding in place of each thought (control).
---
---Requires: prompt. Provides: memory. Source: arXiv:2412.06769, section 4 (analogue).
---@param options? tacit.PauseOptions
---@return tacit.Stage
function tacit.pause(options) end

---@class (exact) tacit.PccotOptions
---@field latent_steps? integer Continuous thoughts (N). Default 24, 0 to 4096.
---@field iterations? integer Passes that refine them (T); 0 is pause, N or more is sequential. Default 3, 0 to 4096.
---@field projection? string File of the projection under the authors' names (prj.0.weight …); unset is the identity.
---@field start_token? string Token that opens the thoughts; by default the model's start marker.
---@field latent_token? string Token whose embedding thoughts begin as; by default the model's latent marker.
---@field end_token? string Token that closes the thoughts; by default the model's end marker.

---Refines a block of continuous thoughts in parallel, by Jacobi iteration.
---
---Requires: prompt. Provides: hidden, memory. Source: arXiv:2506.18582, section 3 (faithful).
---@param options? tacit.PccotOptions
---@return tacit.Stage
function tacit.pccot(options) end

---@class (exact) tacit.PromptOptions
---@field template? string Text of the prompt; {question} stands for the question. Default "{question}".
---@field token_ids? integer[] Token ids to read in place of text.
---@field add_special_tokens? boolean Whether the tokenizer adds what it adds to every text, such as a first token. Default true.

---Puts the question before the model as plain text.
---
---Provides: prompt. Source: Tacit (faithful).
---@param options? tacit.PromptOptions
---@return tacit.Stage
function tacit.prompt(options) end

---@class (exact) tacit.SampleOptions
---@field n? integer Candidates. Default 5, 1 to 1024.
---@field stages tacit.Stage[] What each candidate goes through; at a temperature of 0, and without noise on thoughts, all of them are the same.

---Continues the memory several times: candidates for a vote.
---
---Requires: prompt. Provides: candidates. Source: arXiv:2203.11171 (faithful).
---@param options tacit.SampleOptions
---@return tacit.Stage
function tacit.sample(options) end

---@class (exact) tacit.SteerOptions
---@field vectors? string File of the vectors, as `tacit vectors` writes it; needed unless alpha is 0.
---@field other_model? boolean Whether the vectors may be those of a model of another name. Default false.
---@field alpha? number How far states are turned; 0 changes nothing, less than 0 turns them away. Default 1.0, -10000.0 to 10000.0.
---@field site? "feed_forward"|"layer" Where: at the output of feed-forward blocks, or behind whole layers. Default "feed_forward".
---@field ramp_steps? integer Reads over which the strength falls; 0 keeps it. Default 50, 0 or more.
---@field ramp_floor? number Share of alpha below which it does not fall. Default 0.5, 0.0 to 1.0.

---Turns the states of every layer towards vectors of contrasting prompts.
---
---Source: arXiv:2506.15882 (faithful).
---@param options? tacit.SteerOptions
---@return tacit.Stage
function tacit.steer(options) end

---@class (exact) tacit.SwiReasoningOptions
---@field max_new_tokens? integer Tokens at most, injected ones included; alpha and beta reach 1 there. Default 32768, 0 or more.
---@field temperature? number Divides the logits; 0 takes the most probable token. Default 0.0, 0.0 or more.
---@field top_k? integer Keeps the k most probable tokens; 0 keeps all. Default 0, 0 or more.
---@field top_p? number Keeps the fewest tokens that together have this probability. Default 1.0, 0.0 to 1.0.
---@field min_p? number Keeps tokens at least this probable relative to the most probable one. Default 0.0, 0.0 to 1.0.
---@field window_size? integer Steps in explicit mode before it may be left. Default 512, 0 or more.
---@field start_mode? "latent"|"explicit" Mode of the first step. Default "latent".
---@field signal_mixing? boolean Mixes the think and end-think tokens into the rows at which the mode switches. Default true.
---@field alpha_0? number First share of the soft embedding, beside think_token, in a row that enters latent mode. Default 1.0, 0.0 to 1.0.
---@field beta_0? number First share of the soft embedding, beside end_think_token, in a row that leaves it. Default 0.7, 0.0 to 1.0.
---@field lock? boolean Reads tokens for good once the end-think token was sampled. Default true.
---@field triggers_only? boolean Control: counts switches and injects tokens, but reads nothing but tokens. Default false.
---@field think_token? string Token that begins thinking. Default "<think>".
---@field end_think_token? string Token that ends thinking. Default "</think>".
---@field start_mixing? boolean Mixes a tenth of start_token into the first latent row. Default true.
---@field start_token? string Token for start_mixing; as in the authors' code a backslash and an n, not a line break. Default "\\n".
---@field math_override? boolean Reads tokens of mathematical symbols as they are, even in latent mode. Default true.
---@field math_token_ids? integer[] Tokens for math_override; by default those of the authors' symbols.
---@field max_switch_count? integer M: from M switches on thinking is made to converge, beyond 2M to terminate; unset never. 0 or more.
---@field convergence_text? string Text injected at convergence; by default end_think_token, as the authors do for Qwen.
---@field termination_text? string Text injected at termination; by default end_think_token and a lead-in to the answer.
---@field convergence_token_ids? integer[] Token ids in place of convergence_text.
---@field termination_token_ids? integer[] Token ids in place of termination_text.
---@field termination_max_tokens? integer Steps from termination to the end, injected tokens included. Default 32, 1 or more.
---@field eos_token_ids? integer[] Tokens that end the text, in place of the model's own.
---@field ignore_eos? boolean Goes on after an end-of-sequence token. Default false.
---@field refine? tacit.Refiner[] Refiners of every thought before it is read, applied in this order. Default {}.

---Switches by entropy between reading soft embeddings and reading tokens.
---
---Requires: prompt. Provides: memory, text. Source: arXiv:2510.05069, section 3 (faithful).
---@param options? tacit.SwiReasoningOptions
---@return tacit.Stage
function tacit.swi_reasoning(options) end

---@class (exact) tacit.ThinkOptions
---@field latent_steps? integer Thoughts; at most, with a stop token. Default 6, 0 to 4096.
---@field stop_token? string Ends the span after a thought that makes this token the most probable one.
---@field feedback? tacit.Feedback What the model reads next while it thinks; by default the raw hidden state.
---@field refine? tacit.Refiner[] Refiners of every thought before it is read, applied in this order. Default {}.

---Thinks in latent rows without markers, on any checkpoint.
---
---Requires: prompt. Provides: hidden, memory. Source: Tacit (faithful).
---@param options? tacit.ThinkOptions
---@return tacit.Stage
function tacit.think(options) end

---@class (exact) tacit.VoteOptions
---@field weight? fun(...): any A function from a candidate's text to the weight of its vote, 0 or more; by default 1.

---Goes on as the candidate whose answer has most votes.
---
---Requires: candidates. Provides: text. Source: arXiv:2203.11171 (faithful).
---@param options? tacit.VoteOptions
---@return tacit.Stage
function tacit.vote(options) end

---@class (exact) tacit.ForeignThoughtsOptions
---@field question string The other question, as the prompt would state it.

---Feeds the thoughts about another question (control).
---
---Source: Tacit (faithful).
---@param options tacit.ForeignThoughtsOptions
---@return tacit.Feedback
function tacit.foreign_thoughts(options) end

---@class (exact) tacit.HiddenStateOptions

---Feeds the last hidden state as it is.
---
---Source: arXiv:2412.06769, section 3 (faithful).
---@param options? tacit.HiddenStateOptions
---@return tacit.Feedback
function tacit.hidden_state(options) end

---@class (exact) tacit.RandomVectorOptions

---Feeds a random direction with the norm of each thought (control).
---
---Source: Tacit (faithful).
---@param options? tacit.RandomVectorOptions
---@return tacit.Feedback
function tacit.random_vector(options) end

---@class (exact) tacit.RealignOptions
---@field solve? boolean Whether W is solved for; false takes the identity, as the authors' command line does. Default true.
---@field lambda? number Ridge that is added to the diagonal of UᵀU. Default 1e-05, 0.0 or more.
---@field lambda_relative? number Ridge in units of the mean of that diagonal, in place of lambda; unset by default. 0.0 or more.
---@field normalization? "code"|"paper"|"none" Divides by the norm of h W (code) or of h (paper), or leaves the row as it is. Default "code".
---@field rows? "tokens"|"all" Rows of both matrices that count: those of the tokenizer's tokens, as in the authors' code, or padding too. Default "tokens".

---Maps the last state back to the space of embeddings.
---
---Source: arXiv:2511.20639 (faithful).
---@param options? tacit.RealignOptions
---@return tacit.Feedback
function tacit.realign(options) end

---@class (exact) tacit.ShuffledThoughtsOptions
---@field count integer Thoughts of the span; the stage's latent_steps. 2 to 4096.

---Feeds the sequence's own thoughts in another order (control).
---
---Source: Tacit (faithful).
---@param options tacit.ShuffledThoughtsOptions
---@return tacit.Feedback
function tacit.shuffled_thoughts(options) end

---@class (exact) tacit.SoftEmbeddingOptions
---@field temperature? number Divides the logits; 0 feeds the embedding of the most probable token. Default 1.0, 0.0 or more.
---@field top_k? integer Averages over the k most probable tokens; 0 over all, 1 feeds one token's embedding. Default 0, 0 or more.

---Feeds the mean token embedding under the next-token distribution.
---
---Source: arXiv:2505.15778 (analogue).
---@param options? tacit.SoftEmbeddingOptions
---@return tacit.Feedback
function tacit.soft_embedding(options) end

---@class (exact) tacit.ZeroOptions

---Feeds zeros in place of each thought (control).
---
---Source: Tacit (faithful).
---@param options? tacit.ZeroOptions
---@return tacit.Feedback
function tacit.zero(options) end

---@class (exact) tacit.ContrastiveSearchOptions
---@field kappa? number Length of the step in differences of the two states; 0 changes nothing.
---@field eta? number The paper's learning rate, in place of kappa: kappa is 2 eta / D.
---@field sign? "minus"|"plus" minus descends, towards the strong model; plus is the printed equation. Default "minus".
---@field gradient? "detached"|"full" Whether the two states count as constants, or the gradient goes back through both models. Default "detached".
---@field strong? string Role of the model to move towards. Default "strong".
---@field weak? string Role of the model to move away from. Default "weak".
---@field context? "contextual"|"isolated" What both have read before the thought: every row of the sequence, or nothing. Default "contextual".

---Moves every thought towards a strong and away from a weak model's next state.
---
---Source: arXiv:2506.08552, contrastive reasoning feedback search (reconstruction).
---@param options? tacit.ContrastiveSearchOptions
---@return tacit.Refiner
function tacit.contrastive_search(options) end

---@class (exact) tacit.GaussianNoiseOptions
---@field sigma? number Standard deviation over the root mean square of the thought; 0 changes nothing. Default 0.1, 0.0 or more.

---Adds Gaussian noise to every thought.
---
---Source: arXiv:2510.07745, additive Gaussian noise (analogue).
---@param options? tacit.GaussianNoiseOptions
---@return tacit.Refiner
function tacit.gaussian_noise(options) end

---@class (exact) tacit.ResidualRefinementOptions
---@field alpha? number Share of the thought before; 0 changes nothing, 1 repeats the first thought. Default 0.3, 0.0 to 1.0.
---@field form? "convex_prev"|"convex_cur"|"additive" convex_cur: alpha is the share of the new thought, and 1 changes nothing; additive: alpha times the thought before is added to the new one. Default "convex_prev".
---@field renorm? "none"|"match" Whether a blend, which is shorter than its parts, is scaled to the new thought's norm. Default "none".

---Blends every thought with the one before it.
---
---Source: arXiv:2506.08552, residual embedding refinement (reconstruction).
---@param options? tacit.ResidualRefinementOptions
---@return tacit.Refiner
function tacit.residual_refinement(options) end

---Declares a parameter of the recipe, set by `-P name=value`; its type is that of the default.
---
---Only while the recipe loads.
---@generic T: boolean|integer|number|string
---@param name string
---@param default T
---@param doc string What it does.
---@return T
function tacit.param(name, default, doc) end

---@alias tacit.Capability "prompt"|"hidden"|"memory"|"candidates"|"text"

---@class (exact) tacit.ScriptOptions
---@field name string Name in messages and traces.
---@field requires? tacit.Capability[] What earlier stages must have provided.
---@field provides? tacit.Capability[] What later stages may rely on.
---@field run fun(state: tacit.State) What the stage does.

---A stage written in the recipe.
---@param options tacit.ScriptOptions
---@return tacit.Stage
function tacit.stage(options) end

---Stages in order, as one stage.
---@param stages tacit.Stage[]
---@return tacit.Stage
function tacit.sequence(stages) end

---@class (exact) tacit.PipelineOptions
---@field name string Unique within a comparison.
---@field model? string Default model; `--model` overrides it.
---@field models? table<string, string> Models by role; `main` is the one that reasons.
---@field budget? tacit.Budget What one sample may cost.
---@field [integer] tacit.Stage Stages, in order.

---What a recipe returns.
---@param options tacit.PipelineOptions
---@return tacit.Pipeline
function tacit.pipeline(options) end

---@class (exact) tacit.TrainingModel
---@field hidden_size? integer D: width of the residual stream. Default 128, 2 to 16384.
---@field intermediate_size? integer Width of the gated blocks. Default 256, 1 to 65536.
---@field num_hidden_layers? integer Layers. Default 2, 1 to 256.
---@field num_attention_heads? integer H: query heads. Default 4, 1 to 256.
---@field num_key_value_heads? integer K: key/value heads; unset is as many as H. 1 to 256.
---@field max_position_embeddings? integer Positions. Default 512, 320 to 1048576.
---@field rope_theta? number Base of the rotary frequencies. Default 10000.0, 1.0 to 1000000000.0.

---@class (exact) tacit.TrainingInit
---@field embedding_norm? number Norm of random embeddings. Default 3.0, 0.001 to 1000.0.
---@field common_norm? number Norm of what all embeddings share. Default 2.5, 0.0 to 1000.0.
---@field previous_token_score? number Score of the token before, per rotary pair, in the first head; 0 is a random head. Default 5.0, 0.0 to 100.0.
---@field previous_token_pairs? integer The fastest rotary pairs that take part in it. Default 4, 1 to 64.

---@class (exact) tacit.TrainingOptimizer
---@field learning_rate? tacit.Schedule Learning rate. Default 0.001, 0.0 to 10.0.
---@field warmup_steps? integer Steps over which the rate rises from 0 as well. Default 0, 0 to 1000000.
---@field beta1? number Share of the first moment kept. Default 0.9, 0.0 to 0.9999.
---@field beta2? number Share of the second moment kept. Default 0.98, 0.0 to 0.999999.
---@field epsilon? number Added to the root of the second. Default 1e-08, 1e-12 to 1.0.
---@field weight_decay? number Decoupled decay of matrices. Default 0.01, 0.0 to 1.0.
---@field clip_norm? number Greatest norm of the gradient. Default 1.0, 1e-06 to 1000000.0.

---@class (exact) tacit.TrainingProblems
---@field nodes? tacit.Schedule Nodes of random graphs, on average. Default 23.5, 4.0 to 55.0.
---@field published? tacit.Schedule Share of graphs and first questions that are drawn as ProsQA's are. Default 0.0, 0.0 to 1.0.
---@field hop_power? number A target of h hops has the weight h to this power. Default 3.0, 0.0 to 10.0.

---@class (exact) tacit.TrainingBatchesModesWeights
---@field node? number Where a step leads. Default 1.0, 0.0 to 100.0.
---@field origin? number Where a step starts. Default 0.3, 0.0 to 100.0.
---@field stop? number The full stop of a step. Default 0.2, 0.0 to 100.0.
---@field close? number The end of a chain in words. Default 0.3, 0.0 to 100.0.
---@field marker? number What opens the answer. Default 0.2, 0.0 to 100.0.
---@field subject? number Whom the answer is about. Default 0.1, 0.0 to 100.0.
---@field answer? tacit.Schedule The answer. Default 1.0, 0.0 to 100.0.
---@field early? tacit.Schedule The answer at once, after fewer thoughts than hops; one hop needs no thought. Default 1.0, 0.0 to 100.0.
---@field end? number The full stop and the end of the text. Default 0.1, 0.0 to 100.0.

---@class (exact) tacit.TrainingBatchesModes
---@field feed? "none"|"state"|"pause" What is read in place of the first steps. Default "none".
---@field follow? "answer"|"steps" What comes after that. Default "answer".
---@field thoughts? integer[] Numbers of steps that are replaced, or left out where nothing is fed. Default { 0 }, 0 to 64.
---@field draw? integer How many of these numbers are drawn; unset is all. 1 to 65.
---@field always? integer[] Numbers among the drawn ones always. Default {}, 0 to 64.
---@field share? tacit.Schedule Probability that a question is put in this way. Default 1.0, 0.0 to 1.0.
---@field weights? tacit.TrainingBatchesModesWeights How much the tokens matter in the loss.

---@class (exact) tacit.TrainingBatches
---@field share? tacit.Schedule How often it is chosen, next to the others. Default 1.0, 0.0 to 1000000.0.
---@field questions? integer Questions about each graph. Default 1, 1 to 64.
---@field modes tacit.TrainingBatchesModes[] Ways in which questions are put.

---@class (exact) tacit.TrainingThoughtTargets
---@field target? "walk" What thought k holds: the ends of walks of k edges from the root, in equal parts. Default "walk".
---@field weight? tacit.Schedule Weight next to the loss of the tokens. Default 1.0, 0.0 to 100.0.

---@class (exact) tacit.TrainingEvaluationModes
---@field name string Name in metrics.
---@field feed? "none"|"state"|"pause" What is read before the answer. Default "none".
---@field follow? "answer"|"steps" What the model is made to write. Default "answer".
---@field thoughts? integer Rows that are fed. Default 0, 0 to 64.

---@class (exact) tacit.TrainingEvaluation
---@field every? integer Steps between two measurements. Default 1000, 1 to 1000000.
---@field dataset? string Dataset by name or path; unset is new problems drawn as ProsQA's are.
---@field limit? integer Questions at most. Default 300, 1 to 1000000.
---@field seed? integer Seed of new problems, which a run does not train on. Default 1000003, 0 or more.
---@field modes tacit.TrainingEvaluationModes[] Ways in which questions are put.

---@class (exact) tacit.TrainingSnapshots
---@field name string Name of its folder below snapshots/.
---@field at number Share of the run after which it is taken. 0.0 to 1.0.

---@class (exact) tacit.TrainingCard
---@field summary? string What the model is.
---@field caution? string What its accuracies must not be taken for.

---@class (exact) tacit.TrainingOptions
---@field name string Name of the run, and of its folder below runs/train.
---@field seed? integer Seed of all random numbers. Default 0, 0 or more.
---@field steps integer Steps of the optimiser. 1 to 100000000.
---@field tokenizer? string Model whose tokenizer is used. Default "prosqa".
---@field start? string Model whose weights are the first ones; unset is random weights.
---@field model? tacit.TrainingModel The network, unless `start` names it.
---@field init? tacit.TrainingInit Random weights, unless `start` names others.
---@field optimizer? tacit.TrainingOptimizer AdamW and its learning rate.
---@field problems? tacit.TrainingProblems Graphs and questions.
---@field graphs? integer Graphs of a batch. Default 16, 1 to 4096.
---@field accumulate? integer Batches whose gradients make one step. Default 1, 1 to 4096.
---@field batches tacit.TrainingBatches[] Kinds of batches.
---@field thought_targets? tacit.TrainingThoughtTargets Supervision of thoughts; unset leaves them alone.
---@field evaluation? tacit.TrainingEvaluation Accuracy while the run goes on.
---@field snapshots? tacit.TrainingSnapshots[] Copies of the model that are kept.
---@field card? tacit.TrainingCard Texts of the model card.
---@field log_every? integer Steps between metrics. Default 50, 1 to 1000000.
---@field save_every? integer Steps between savings. Default 500, 1 to 1000000.

---A number, or one that changes over the share of the run that is done.
---@alias tacit.Schedule number|number[][]|{ knots: number[][], curve?: "linear"|"cosine"|"step" }

---How a model is trained; run it with `tacit train`.
---@param options tacit.TrainingOptions
---@return tacit.Training
function tacit.training(options) end

---The state of one sample, inside `run` only.
---@class tacit.State
---@field question string The question as the user put it.
---@field sample_id string Name of the sample.
---@field text string Everything emitted so far.
---@field rng tacit.Rng Random numbers of this sample.
---@field budget tacit.Budget What the budget leaves.
---@field candidates string[] Texts of the candidates, after `state:sample`.
local State = {}

---@class tacit.Budget
---@field positions? integer Nil is unlimited.
---@field tokens? integer Nil is unlimited.

---@class tacit.Rng
local Rng = {}

---A number drawn evenly from 0 (included) to 1 (excluded).
---@return number
function Rng:uniform() end

---An integer drawn evenly from 1 to count.
---@param count integer
---@return integer
function Rng:integer(count) end

---Reads text, or token ids, as part of the prompt.
---@param text string|integer[]
function State:read(text) end

---Runs one stage of the registry; returns the text that it emitted.
---@param stage tacit.Stage
---@return string
function State:run(stage) end

---A copy with memory of its own.
---@return tacit.State
function State:fork() end

---@return tacit.Checkpoint
function State:checkpoint() end

---Goes back to a checkpoint, or takes over a fork.
---@param checkpoint tacit.Checkpoint|tacit.State
function State:restore(checkpoint) end

---The answer within a text; nil if there is none.
---@param text string
---@return string?
function State:answer(text) end

---Writes a text into the trace.
---@param text string
function State:note(text) end

---Makes a text the completion and ends the pipeline.
---@param text string
function State:finish(text) end

---Runs `tacit.chat` here and now; returns the text that it emitted.
---@param options? tacit.ChatOptions
---@return string
function State:chat(options) end

---Runs `tacit.coconut` here and now; returns the text that it emitted.
---@param options? tacit.CoconutOptions
---@return string
function State:coconut(options) end

---Runs `tacit.dropout_thoughts` here and now; returns the text that it emitted.
---@param options? tacit.DropoutThoughtsOptions
---@return string
function State:dropout_thoughts(options) end

---Runs `tacit.generate` here and now; returns the text that it emitted.
---@param options? tacit.GenerateOptions
---@return string
function State:generate(options) end

---Runs `tacit.latent_agent` here and now; returns the text that it emitted.
---@param options? tacit.LatentAgentOptions
---@return string
function State:latent_agent(options) end

---Runs `tacit.latent_seek` here and now; returns the text that it emitted.
---@param options? tacit.LatentSeekOptions
---@return string
function State:latent_seek(options) end

---Runs `tacit.loop_layers` here and now; returns the text that it emitted.
---@param options? tacit.LoopLayersOptions
---@return string
function State:loop_layers(options) end

---Runs `tacit.pause` here and now; returns the text that it emitted.
---@param options? tacit.PauseOptions
---@return string
function State:pause(options) end

---Runs `tacit.pccot` here and now; returns the text that it emitted.
---@param options? tacit.PccotOptions
---@return string
function State:pccot(options) end

---Runs `tacit.prompt` here and now; returns the text that it emitted.
---@param options? tacit.PromptOptions
---@return string
function State:prompt(options) end

---Runs `tacit.sample` here and now; returns the text that it emitted.
---@param options? tacit.SampleOptions
---@return string
function State:sample(options) end

---Runs `tacit.steer` here and now; returns the text that it emitted.
---@param options? tacit.SteerOptions
---@return string
function State:steer(options) end

---Runs `tacit.swi_reasoning` here and now; returns the text that it emitted.
---@param options? tacit.SwiReasoningOptions
---@return string
function State:swi_reasoning(options) end

---Runs `tacit.think` here and now; returns the text that it emitted.
---@param options? tacit.ThinkOptions
---@return string
function State:think(options) end

---Runs `tacit.vote` here and now; returns the text that it emitted.
---@param options? tacit.VoteOptions
---@return string
function State:vote(options) end

---What a scorer sees of a question.
---@class (exact) tacit.Sample
---@field id string Its name within all datasets.
---@field question string The text put to the model.
---@field target string The right answer.
---@field hops? integer Number of reasoning steps, where the dataset knows it.
---@field extra table<string, any> Whatever else the dataset says.

---What the file of a scorer returns: the answer, nil where there is none, and whether it is right.
---@alias tacit.Scorer fun(completion: string, sample: tacit.Sample): string?, boolean?

return tacit
