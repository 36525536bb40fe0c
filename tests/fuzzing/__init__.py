"""Coverage-guided fuzzing of readers and arguments: `python -m tests.fuzzing`."""
