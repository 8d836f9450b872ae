"""The commands of `designer-bff`, a module each: HELP, `configure` and `run`."""
