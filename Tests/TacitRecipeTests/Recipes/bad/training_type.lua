-- bad/training_type.lua:2: tacit.training, option 'batches[1].modes[2].thoughts': expected a list of integers from 0 to 64, found 3
return require "tacit".training { name = "t", steps = 1, batches = { { modes = { {}, { thoughts = 3 } } } } }
