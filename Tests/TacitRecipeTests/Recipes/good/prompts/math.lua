return { judger = "Judge.", wrap = function(text) return "<" .. text .. ">" end }
