"""Cohort: how often events are seen, and together with what."""
