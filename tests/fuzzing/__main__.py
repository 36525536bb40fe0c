"""`python -m tests.fuzzing records --seconds 600`: go on fuzzing; what breaks is kept as a file.

records    cutting a dump, in the quick ways and the slow one, and taking its records apart
readers    reading a dump whole
arguments  `by`, `where`, times, zones and currencies of any question
sql        SQL of the caller's own, which may make no file
folders    a folder of tables with another manifest or another table, opened and asked
config     a file of settings, and what is read and asked while it holds
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

NAMES = re.findall(r"^(\w+) {2,}\S", __doc__, re.M)
"""What can be fuzzed, as told above: the targets themselves are imported late, to be watched."""


def main() -> None:
    """Fuzz one target with atheris, with a corpus that grows from run to run."""
    parser = argparse.ArgumentParser("python -m tests.fuzzing", description=__doc__)
    parser.add_argument("target", choices=NAMES)
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
        import sessionkit.config
        import sessionkit.folder
        import sessionkit.questions
        import sessionkit.reading  # noqa: F401  (what is imported later is not watched)
        from tests.fuzzing.targets import TARGETS, corpus
    folder = given.corpus / given.target
    corpus(given.target, folder)
    options = [f"-max_total_time={given.seconds}", "-max_len=8000", "-timeout=60"]
    options.append(f"-artifact_prefix={Path.cwd()}/")  # a target may work in another folder
    atheris.Setup([sys.argv[0], str(folder), *options], TARGETS[given.target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
