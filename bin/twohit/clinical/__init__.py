"""The clinical course: markers over time, CAR by qPCR, FISH."""
