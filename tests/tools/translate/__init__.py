"""The questions' SQL in Spark's dialect, made ahead: `python -m tests.tools.translate`.

Every `.sql` of a question, and what is made ready for it, is written once, for DuckDB. From it
`text_for_spark` makes a text that Spark runs as it is; the package ships these texts, so that
nobody needs sqlglot to ask. What sqlglot's dialect `databricks` does not know how to say, or says
wrong, is put right here by rules over the syntax tree, each for a form and none for a file.
"""
