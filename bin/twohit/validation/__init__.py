"""How well a run agrees with a truth that is known: for a laboratory's own validation and its control samples."""
