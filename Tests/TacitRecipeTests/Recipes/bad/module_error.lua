-- bad/prompts/broken.lua:2: unexpected symbol near 'return'
require "prompts.broken"
