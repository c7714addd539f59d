local tacit = require "tacit"
return tacit.pipeline { name = "nested", require "team", tacit.generate() }
