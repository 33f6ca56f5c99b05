"""The whole table of bad inputs."""

from tests.bad_inputs import cases, cases_results

COMMANDS = cases.COMMANDS | cases_results.COMMANDS
CASES = [*cases.CASES, *cases_results.CASES]
