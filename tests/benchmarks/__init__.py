"""Benchmarks: how fast and how large, beside what an analyst would write otherwise.

python -m tests.benchmarks
"""
