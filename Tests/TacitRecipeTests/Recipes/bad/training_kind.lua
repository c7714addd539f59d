-- bad/training_kind.lua: a pipeline is needed here, this recipe returns a training|  run it with: tacit train bad/training_kind.lua
return require "tacit".training { name = "t", steps = 1, batches = { { modes = { {} } } } }
