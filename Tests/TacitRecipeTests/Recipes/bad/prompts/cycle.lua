return require "prompts.cycle"
