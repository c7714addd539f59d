local a =
return 1
