"""Tests that start a real Spark, in an environment of their own with the extra `spark`."""
