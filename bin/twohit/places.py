"""Where the library finds the facts, panels and templates that it is shipped with."""

from pathlib import Path

# Beside the library, for this folder alone reaches a task in a container or in a cloud, and without symbolic links.
ASSETS = Path(__file__).resolve().parent / "assets"
