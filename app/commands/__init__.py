"""The commands of `seedbed`, one a file: `configure(parser)` adds its arguments, `run(args)` does it."""
