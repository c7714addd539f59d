--- What the members of a team are told.
---
--- Two teams: `sequential`, in which each member continues the work of the one before, and
--- `hierarchical`, in which experts work side by side and the last member sums up. The last member
--- always sees the whole question and may ignore the others, so that a correct answer alone does
--- not show that their work was of use: compare with the control `single_agent.lua`.
local team = {}

local answers = {
  math = "End with the result, a number or an expression, in \\boxed{}.",
  choice = "End with the letter of the one correct choice in \\boxed{}.",
}

--- How the last member has to answer; an unknown task is an error.
local function answer_form(task)
  return answers[task] or error('task: expected "math" or "choice", got "' .. task .. '"', 0)
end

local question = "Question:\n{question}\n\n"

--- Where the work of others is found when it is not written down.
local in_memory = "It is not written here: it is in your memory, as thoughts."

local function planner()
  return question
    .. "You plan how a team will answer this question. Say what is given, what is asked, and which "
    .. "steps lead from one to the other. Do not carry the steps out and do not answer."
end

--- `plan` is the text of the plan, or says where it is.
local function critic(plan)
  return question
    .. "A colleague has made a plan for answering this question. "
    .. plan
    .. "\n\nGo through the plan. Look for conditions that were misread, steps that are missing and "
    .. "steps that lead nowhere, and say what to change. Do not answer the question."
end

local function refiner(work)
  return question
    .. "Colleagues have made a plan for answering this question and have reviewed it. "
    .. work
    .. "\n\nTake up what is right in the review and settle the plan, so that whoever follows it "
    .. "needs neither the first plan nor the review. Do not answer the question."
end

local function judger(work, task)
  return question
    .. "Colleagues have prepared an answer to this question. "
    .. work
    .. "\n\nTheir work may be wrong or beside the point; use of it what helps you. Now answer the "
    .. "question yourself, step by step. "
    .. answer_form(task)
end

--- The sequential team on a shared memory: a list of `{ role, user }`, the last one answers.
function team.sequential(task)
  return {
    { role = "planner", user = planner() },
    { role = "critic", user = critic(in_memory) },
    { role = "refiner", user = refiner(in_memory) },
    { role = "judger", user = judger(in_memory, task) },
  }
end

--- The sequential team with written messages: what each member writes goes to the later ones.
---
--- The functions take the texts of the members before, first to last.
function team.written(task)
  return {
    { role = "planner", user = planner },
    {
      role = "critic",
      user = function(plan)
        return critic("The plan:\n\n" .. plan)
      end,
    },
    {
      role = "refiner",
      user = function(plan, review)
        return refiner("The plan:\n\n" .. plan .. "\n\nThe review:\n\n" .. review)
      end,
    },
    {
      role = "judger",
      user = function(_, _, settled)
        return judger("The plan that they settled on:\n\n" .. settled, task)
      end,
    },
  }
end

local experts = {
  math = {
    mathematician = "You know algebra, arithmetic and geometry. Put the question into equations.",
    reader = "You read closely. Find out what each quantity stands for and which do not matter.",
    examiner = "You know the usual mistakes. Estimate the result and say how it could be checked.",
  },
  choice = {
    scientist = "You know the natural sciences. Recall the facts that decide between the choices.",
    reader = "You read closely. Find out what exactly is asked and how the choices differ.",
    examiner = "You know the usual mistakes. Say for each choice what speaks against it.",
  },
}

--- Experts one after the other on a shared memory, then a member who sums up and answers.
function team.hierarchical(task)
  local form = answer_form(task)
  local members = {}
  local specialist = task == "math" and "mathematician" or "scientist"
  for _, role in ipairs { specialist, "reader", "examiner" } do
    members[#members + 1] = {
      role = role,
      user = question .. experts[task][role] .. " Prepare your contribution; others will answer.",
    }
  end
  members[#members + 1] = {
    role = "judger",
    user = question
      .. "Three experts have worked on this question. "
      .. in_memory
      .. "\n\nWeigh their contributions, some of which may be wrong or beside the point, and "
      .. "answer the question yourself, step by step. "
      .. form,
  }
  return members
end

--- One member without colleagues.
function team.alone(task)
  return question .. "Answer the question step by step. " .. answer_form(task)
end

return team
