"""What a run was: its input files, and the RO-Crate that ties results, inputs, parameters and tools together."""
