"""The samplesheet: what a user may write, what is wrong with it, what each patient therefore has."""
