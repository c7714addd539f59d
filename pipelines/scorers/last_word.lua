--- Right if the completion's last word is the target's last word.
---
--- A scorer, for `tacit eval … --scorer pipelines/scorers/last_word.lua` and `tacit score`.
local function last_word(text)
  local word
  for found in text:gmatch("%w+") do word = found end
  return word
end

---@type tacit.Scorer
return function(completion, sample)
  local answer = last_word(completion)
  if not answer then return nil end
  return answer, answer == last_word(sample.target)
end
