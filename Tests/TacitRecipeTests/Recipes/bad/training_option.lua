-- bad/training_option.lua:2: tacit.training, option 'optimizer': unknown option 'lerning_rate'|  did you mean 'learning_rate'? (all options: learning_rate, warmup_steps, beta1, beta2, epsilon, weight_decay, clip_norm)
return require "tacit".training { name = "t", steps = 1, batches = { { modes = { {} } } }, optimizer = { lerning_rate = 1 } }
