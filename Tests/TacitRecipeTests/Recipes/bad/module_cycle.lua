-- bad/prompts/cycle.lua:1: module 'prompts.cycle' requires itself, directly or through another
require "prompts.cycle"
