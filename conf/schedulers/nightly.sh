#!/usr/bin/env bash
# A nightly run: appends the new images, verifies the output, and measures what the layer keeps
# of the images that the latest append added.
#   nightly.sh INPUT OUTPUT WEIGHTS [spark-submit options] [-- options of reduce]
#   nightly.sh store.zarr/data small.zarr w.safetensors -- --axes n,y,x,c --dtype float16
# With --append-new among the options of reduce, INPUT contains only new images.
# Options that describe the input or the layer, such as --axes, are passed to evaluate too, and those
# of the runner, such as --master, to evaluate and verify. MIN_VARIANCE is the gate of evaluate.
# Ends with the first exit code that is not 0; 4 means "run again", or damage where verify
# ends with it; 5 means that the layer keeps too little: fit another, and reduce to another output.
set -euo pipefail
root=${POINTWISE_HOME:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
if [ $# -lt 3 ]; then
  sed -n '4,5s/^# *//p' "${BASH_SOURCE[0]}" >&2
  exit 2
fi
input=$1 output=${2%/} weights=$3
shift 3
submit=() reduce=() verify=() evaluate=() append=--append
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  submit+=("$1")
  shift
done
while [ $# -gt 1 ]; do
  shift
  option=("$1")
  while [ $# -gt 1 ] && [[ $2 != --* ]]; do # its value
    option+=("$2")
    shift
  done
  case "${option[0]%%=*}" in
    --axes | --column | --nodata | --scale | --offset | --missing-chunks | --bbox | --input-channels | --mask | \
      --bias | --activation | --kernel-layout) evaluate+=("${option[@]}") ;;
    --runner | --master | --threads | --memory-per-task | --log-level)
      evaluate+=("${option[@]}")
      verify+=("${option[@]}")
      ;;
    --append | --quiet) continue ;; # given below
    --append-new)
      append=--append-new
      continue
      ;;
    @*)
      echo "Cannot use ${option[0]} after --: evaluate needs some options of reduce; write them one by one" >&2
      exit 2
      ;;
  esac
  reduce+=("${option[@]}")
done
run() {
  if [ -n "${SPARK_HOME:-}" ]; then
    "$root/scripts/submit" ${submit[@]+"${submit[@]}"} -- "$@"
  else
    "$root/scripts/pointwise" "$@"
  fi
}
run reduce "$input" "$output" --weights "$weights" "$append" --quiet ${reduce[@]+"${reduce[@]}"}
if [[ " ${reduce[*]-} " == *" --dry-run "* ]]; then
  exit
fi
run verify "$output" --quiet ${verify[@]+"${verify[@]}"}
run evaluate "$input" --weights "$weights" --images "$output.pointwise/new-images.txt" \
  --fail-below-variance "${MIN_VARIANCE:-0.8}" --overwrite --quiet ${evaluate[@]+"${evaluate[@]}"}
