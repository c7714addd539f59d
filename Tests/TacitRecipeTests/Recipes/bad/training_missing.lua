-- bad/training_missing.lua:2: tacit.training, option 'steps': expected an integer from 1 to 100000000, found nothing
return require "tacit".training { name = "t", batches = { { modes = { {} } } } }
