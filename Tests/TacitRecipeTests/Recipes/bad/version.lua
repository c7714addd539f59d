-- bad/version.lua:2: this recipe needs Tacit 99.1, this is 0.1.0
require("tacit").version:require "99.1"
