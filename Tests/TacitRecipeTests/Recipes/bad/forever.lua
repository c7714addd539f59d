-- bad/forever.lua:3: stopped after 20000000 instructions without an end
local tacit = require "tacit"
while true do end
