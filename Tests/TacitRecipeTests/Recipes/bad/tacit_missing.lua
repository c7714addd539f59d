-- bad/tacit_missing.lua:2: unknown variable 'tacit'|  begin with 'local tacit = require "tacit"'
return tacit.pipeline {}
