-- bad/module.lua:2: module 'prompts.maths' was not found|  looked for bad/prompts/maths.lua, extra/prompts/maths.lua
require "prompts.maths"
