-- bad/training_data.lua:2: option 'problems.nodes' of tacit.training: expected plain data, got a function
return require "tacit".training { name = "t", steps = 1, batches = { { modes = { {} } } }, problems = { nodes = print } }
