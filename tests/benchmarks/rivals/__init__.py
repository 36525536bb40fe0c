"""The rivals: what an analyst would write otherwise, each a script of its own."""
