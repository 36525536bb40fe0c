"""`python -m tests.benchmarks.questions ENGINE QUESTION FOLDER`: what it costs, as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.benchmarks.questions.ask import timed

if __name__ == "__main__":
    _engine, _question, _folder = sys.argv[1:]
    print(json.dumps(timed(_engine, _question, Path(_folder))))
