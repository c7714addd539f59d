-- bad/module_path.lua:2: '../good/team' is not a module name|  names are words joined by dots: require "prompts.math" reads prompts/math.lua
require "../good/team"
