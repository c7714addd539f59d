-- bad/training_data.lua:2: tacit.training, option 'problems.nodes': expected plain data, found a function
return require "tacit".training { name = "t", steps = 1, batches = { { modes = { {} } } }, problems = { nodes = print } }
