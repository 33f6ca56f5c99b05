"""A limit of memory for parsers that are given bad input."""

import resource

import pytest

MORE_MEMORY = 1_500_000_000  # bytes that a parser may take beside what the process has


@pytest.fixture
def memory():
    """No more memory than that: who asks for more gets a MemoryError, which is none of our errors."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm") as handle:
        taken = int(handle.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + MORE_MEMORY, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)
