"""`python -m tests.fuzzing records --seconds 600`: go on fuzzing; what breaks is kept as a file.

records    cutting a dump, in the quick ways and the slow one, and taking its records apart
readers    reading a dump whole
arguments  `by`, `where`, times, zones and currencies of a question
sql        SQL of the caller's own
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def main() -> None:
    """Fuzz one target with atheris, with a corpus that grows from run to run."""
    parser = argparse.ArgumentParser("python -m tests.fuzzing", description=__doc__)
    parser.add_argument("target", choices=["records", "readers", "arguments", "sql"])
    parser.add_argument("--seconds", type=int, default=600, help="how long (600)")
    parser.add_argument("--corpus", type=Path, default=Path("corpus"), help="a folder (corpus)")
    parser.add_argument("--repeat", type=Path, metavar="FILE", help="run this input only, once")
    given = parser.parse_args()
    if given.repeat:
        from tests.fuzzing.targets import TARGETS

        TARGETS[given.target](given.repeat.read_bytes())
        return
    import atheris

    with atheris.instrument_imports(include=["sessionkit"]):
        import sessionkit.questions
        import sessionkit.reading  # noqa: F401  (what is imported later is not watched)
        from tests.fuzzing.targets import TARGETS, corpus
    folder = given.corpus / given.target
    corpus(given.target, folder)
    options = [f"-max_total_time={given.seconds}", "-max_len=8000", "-timeout=60"]
    atheris.Setup([sys.argv[0], str(folder), *options], TARGETS[given.target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
