-- bad/training_type.lua:2: option 'batches[1].modes[2].thoughts' of tacit.training: expected a list of integers from 0 to 64, got 3
return require "tacit".training { name = "t", steps = 1, batches = { { modes = { {}, { thoughts = 3 } } } } }
