"""The other side of the differential test of learning: draws and writes inputs, checks results.

Imports nothing of Pointwise. Reads one JSON object a line and answers with one line each:

  {"do": "draw", "seed": S, "options": {…}, "folder": F}
      draws an input; answers with its path, the options that describe it, and what was drawn
  {"do": "moments" | "fit" | "evaluate", "code": C, "stderr": "…", …}
      answers with a list of what is wrong with a result of the last input
"""


import differential_learning_evaluate as evaluation
import differential_learning_fit as fitting
from differential_learning_checks import Wrong, check_moments
from differential_learning_data import Data
from peer import serve


def moments(data, request):
    wrong = Wrong()
    wrong.unless(request["code"] == 0, "exit code %d: %s", request["code"], request["stderr"])
    if not wrong:
        taken, _, _ = fitting.taken(data)
        _, facts = check_moments(wrong, data, taken, request["file"])
        if facts is not None:
            wrong.equal("images", facts["images"], str(data.images))
            fitting.check_split(wrong, data, facts)
            fitting.check_tiles(wrong, data, request["report"])
    return wrong


def answer(request, state):
    if request["do"] == "draw":
        state["data"] = Data(request["seed"], request["options"], request["folder"])
        data = state["data"]
        return {
            "input": data.input,
            "arguments": data.arguments,
            "channels": data.channels,
            "rank": fitting.rank(data),
            "shape": "%d images of at most %d×%d, %d pixels, %d channels"
            % (data.images, data.height, data.width, data.pixels, data.channels),
        }
    checks = {"moments": moments, "fit": fitting.check, "evaluate": evaluation.check}
    return {"wrong": checks[request["do"]](state["data"], request)}


state = {}
serve(lambda request: answer(request, state))
