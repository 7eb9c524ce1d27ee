#!/usr/bin/env bash
# A night: append, prove that all is whole, and tell whether the layer still fits.
# Ends with the first exit code that is not 0; 4 means "run again", or damage where verify
# ends with it; 5 means that the layer keeps too little: fit another, and reduce to another output.
#   nightly.sh INPUT OUTPUT WEIGHTS [spark-submit options]
set -euo pipefail
root=${POINTWISE_HOME:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
input=$1 output=$2 weights=$3
shift 3
run() { if [ -n "${SPARK_HOME:-}" ]; then "$root/scripts/submit" "${options[@]}" -- "$@"; else "$root/scripts/pointwise" "$@"; fi; }
options=("$@")
run reduce "$input" "$output" --weights "$weights" --append --quiet
run verify "$output" --quiet
run evaluate "$input" --weights "$weights" --fail-below-variance "${MIN_VARIANCE:-0.8}" --overwrite --quiet
