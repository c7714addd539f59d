-- bad/candidates_twice.lua:6: stage 'second' needs 'candidates', which no earlier stage provides|  stages before it: draw (bad/candidates_twice.lua:4), first (bad/candidates_twice.lua:5)
local tacit = require "tacit"
local function none() end
local draw = tacit.stage { name = "draw", provides = { "candidates" }, run = none }
local first = tacit.stage { name = "first", requires = { "candidates" }, run = none }
local second = tacit.stage { name = "second", requires = { "candidates" }, run = none }
return tacit.pipeline { name = "twice", draw, first, second }
