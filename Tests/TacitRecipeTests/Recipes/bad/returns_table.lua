-- bad/returns_table.lua: a recipe returns a pipeline, this one returns a table|  end with: return tacit.pipeline { name = "…", … }
return {}
