-- bad/returns_stage.lua: a recipe returns a pipeline, this one returns a tacit.Stage|  wrap it: return tacit.pipeline { name = "…", … }
return require("tacit").generate {}
