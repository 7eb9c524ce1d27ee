"""The loop of a process that answers requests: a line of JSON for each line of JSON."""

import json
import sys
import traceback


def serve(answer):
    """Answers each line of stdin by answer(request); a failure is answered by its traceback."""
    answers, sys.stdout = sys.stdout, sys.stderr  # what libraries print is no answer
    for line in sys.stdin:
        try:
            found = answer(json.loads(line))
        except Exception:
            found = {"failed": traceback.format_exc()}
        print(json.dumps(found), file=answers, flush=True)
