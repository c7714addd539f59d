import ArgumentParser

// In commands an option is one of the command line, not of a plugin.
typealias Option = ArgumentParser.Option
typealias OptionGroup = ArgumentParser.OptionGroup
