-- bad/training_missing.lua:2: option 'steps' of tacit.training: expected an integer from 1 to 100000000, got nothing
return require "tacit".training { name = "t", batches = { { modes = { {} } } } }
