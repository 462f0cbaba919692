#!/usr/bin/env bash
# WIRE's own tomography problem: a chest slice of 326 x 435 pixels from 100 views over half a turn, both
# ends included, by an operator that turns the slice within its frame and sums its columns, so that
# corners turned out of the frame are lost. No noise.
#
#   wire.sh DATA [OUTPUT]
#
# Data: wire_chest_326x435.npy in the folder DATA, the chest picture of WIRE's code with values from 0 to
# 1. Its sinogram is made here, and is that of WIRE's operator up to rounding.
#
# Methods: CGLS, SIRT, total variation with the best of a few strengths by the truth, and `inr fit ct`:
# with its defaults, with a quarter of the passes, and with settings that were tuned on this very problem by
# the truth. PSNR has the peak 1.
#
# OUTPUT (default: outputs/ct-wire) receives the slices, the fits' folders and table.md. Time: 5 minutes
# on 4 cores.

source "$(dirname "$0")/common.sh"

data=${1:?usage: wire.sh DATA [OUTPUT]}
output=${2:-$root/outputs/ct-wire}
truth=$data/wire_chest_326x435.npy
[ -f "$truth" ] || fail "$truth is missing"
mkdir -p "$output"
sinogram=$output/sinogram.npy
scan=(--projector rotation --convention astra --angles=0:-180:100:inclusive)
"$INR" ct project "$truth" -o "$sinogram" "${scan[@]}" --quiet

# measure NAME METHOD OPTIONS...: a line of the table.
measure() {
  local name=$1 record
  shift
  record=$(reconstruct "$1" "$sinogram" "${scan[@]}" --size 435x326 --reference "$truth" --peak 1 \
    "${@:2}")
  printf '| %s | %.2f | %.4f | %.0f |\n' "$name" "$(number psnr <<<"$record")" \
    "$(number ssim <<<"$record")" "$(number seconds <<<"$record")"
}

{
  echo "| method | PSNR | SSIM | seconds |"
  echo "| --- | --- | --- | --- |"
  measure "CGLS, 60" cgls --iterations 60 -o "$output/cgls.npy"
  measure "SIRT, 200, non-negative" sirt --iterations 200 --nonnegative -o "$output/sirt.npy"
  for lambda in .01 .02 .05; do
    measure "TV, $lambda" tv --lambda "$lambda" --nonnegative -o "$output/tv-$lambda.npy"
  done
  measure "inr fit ct" fit -o "$output/fit"
  measure "inr fit ct --epochs 10" fit --epochs 10 -o "$output/fit-short"
  measure "inr fit ct --similarity 0.05 --anchor 0.02 --epochs 80" fit --similarity 0.05 \
    --anchor 0.02 --epochs 80 -o "$output/fit-tuned"
} | tee "$output/table.md"
