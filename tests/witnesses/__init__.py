"""Tests against libraries that compute the same, in an environment with the extra `witnesses`."""
