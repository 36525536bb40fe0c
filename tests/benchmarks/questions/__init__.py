"""The questions over a flattened folder: ours, by hand in SQL, and in Polars, to the same figures.

The SQL and the Polars here take the folder as it is: no checks of it, one time zone, sessions of
one currency per application, no versions.
"""
