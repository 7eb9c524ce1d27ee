"""Minimises the functions of a JSON file with SciPy's L-BFGS-B and compares what was found there.

minimize.py FILE: a list of {kind, numbers, start, values, evaluations}, the last two after each step
"""

import json
import sys

import numpy as np
import scipy.optimize


def quadratic(numbers):
    """1 + the squares of a matrix' rows times x, less one."""
    a = np.array(numbers)

    def function(x):
        r = a @ x - 1
        return 1 + r @ r / 2, a.T @ r

    return function


def rosenbrock(numbers):
    """The Rosenbrock function plus one, with a given steepness."""
    steep = numbers[0][0]

    def function(x):
        bend = x[1:] - x[:-1] ** 2
        value = 1 + steep * np.sum(bend**2) + np.sum((1 - x[:-1]) ** 2)
        slope = np.zeros_like(x)
        slope[1:] += 2 * steep * bend
        slope[:-1] -= 4 * steep * bend * x[:-1] + 2 * (1 - x[:-1])
        return value, slope

    return function


def logistic(numbers):
    """Ridge logistic regression; a row is the features times the label, 1 or -1."""
    z = np.array(numbers)

    def function(x):
        m = z @ x
        odds = 1 / (1 + np.exp(m))
        return np.mean(np.logaddexp(0, -m)) + 5e-4 * x @ x, -z.T @ odds / len(z) + 1e-3 * x

    return function


KINDS = {"quadratic": quadratic, "rosenbrock": rosenbrock, "logistic": logistic}
wrong = []
with open(sys.argv[1], encoding="utf-8") as file:
    problems = json.load(file)
for i, problem in enumerate(problems):
    function, seen = KINDS[problem["kind"]](problem["numbers"]), []

    def noted(x):
        seen.append(function(x))
        return seen[-1]

    minimum = scipy.optimize.minimize(
        noted, problem["start"], jac=True, method="L-BFGS-B",
        options={"maxiter": 10_000, "maxfun": 100_000, "ftol": 1e-14, "gtol": 1e-9},
    ).fun
    near = minimum * (1 + 1e-6)
    values = problem["values"]
    name = f"{i} {problem['kind']}"
    if not minimum * (1 - 1e-9) <= values[-1] <= near:
        wrong.append(f"{name}: found {values[-1]:.9g}, the minimum is {minimum:.9g}")
        continue
    ours = problem["evaluations"][next(k for k, v in enumerate(values) if v <= near)]
    theirs = 1 + next(k for k, (v, _) in enumerate(seen) if v <= near)
    if ours > 1.5 * theirs + 10:
        wrong.append(f"{name}: {ours} evaluations, SciPy {theirs}")
print("\n".join(wrong) or f"{len(problems)} alike")
sys.exit(1 if wrong else 0)
