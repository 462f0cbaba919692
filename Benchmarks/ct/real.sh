#!/usr/bin/env bash
# Measured data: prepared, and reconstructed by filtered back projection, total variation and
# `inr fit ct`, with pictures to look at.
#
#   real.sh DATA [OUTPUT]
#
# Data, in the folder DATA:
#   tooth_aps_raw.npz   a tooth at a synchrotron (TomoPy's example): raw counts with flat and dark
#                       fields, 181 views. Also fitted from 91, 61, 31 and 21 of its views, and judged
#                       by the others: heldout.md has the root mean squared difference from their
#                       line integrals.
#   dendrite_dls_sino.npy, dendrite_dls_angles_rad.npy
#                       an alloy at a synchrotron (ToMoBAR's example), 360 views, with rings and air
#                       that is not 0.
#   htc2022_ta_limited60_sino.npy
#                       an acrylic disc with holes by a fan beam over 60 degrees (Helsinki Tomography
#                       Challenge 2022).
#
# OUTPUT (default: outputs/ct-real) receives a folder a data set: the slices as .npy and .png, and in
# fit/comparison.png filtered back projection beside the fit. Time: 15 minutes on 4 cores.
#
#   PARTS   some of it only, e.g. PARTS="tooth dendrite"; default: tooth heldout dendrite disc

source "$(dirname "$0")/common.sh"

data=${1:?usage: real.sh DATA [OUTPUT]}
output=${2:-$root/outputs/ct-real}

fbp_options=(--filter hann)

# slices SINOGRAM FOLDER WINDOW FIT_OPTIONS -- SCAN_OPTIONS: FBP, TV and fit, as .npy and .png.
slices() {
  local sinogram=$1 folder=$2 window=$3 method fit_options=()
  shift 3
  while [ "$1" != -- ]; do
    fit_options+=("$1")
    shift
  done
  shift
  for method in fbp tv; do
    local options=(--nonnegative)
    if [ "$method" = fbp ]; then options=("${fbp_options[@]}"); fi
    reconstruct "$method" "$sinogram" "$@" "${options[@]}" -o "$folder/$method.npy" \
      >"$folder/$method.json"
    # The same again as a picture; the lambda that was found is known now.
    if [ "$method" = tv ]; then options+=(--lambda "$(number lambda <"$folder/tv.json")"); fi
    reconstruct "$method" "$sinogram" "$@" "${options[@]}" -o "$folder/$method.png" \
      --window "$window" >/dev/null
  done
  reconstruct fit "$sinogram" "$@" ${fit_options[@]+"${fit_options[@]}"} -o "$folder/fit" \
    >"$folder/fit.json"
  echo "$folder: lambda of TV $(number lambda <"$folder/tv.json"), residuals" \
    "$(number residual <"$folder/tv.json") of TV, $(number residual <"$folder/fit.json") of the fit"
}

# The tooth: line integrals of the detector's first row. Sets `axis`, the bin of the rotation axis.
prepare_tooth() {
  local folder=$output/tooth
  mkdir -p "$folder"
  "$PYTHON" -c "
import numpy as np
raw = np.load('$data/tooth_aps_raw.npz')
for name in ('proj', 'flat', 'dark'):
    np.save('$folder/' + name + '.npy', raw[name][:, 0])
np.save('$folder/angles.npy', raw['theta_deg'])"
  axis=$("$INR" ct prepare "$folder/proj.npy" --flat "$folder/flat.npy" --dark "$folder/dark.npy" \
    --angles "$folder/angles.npy" --center auto -o "$folder/sinogram.npy" | awk '/^center/ { print $2 }')
  tooth=(--angles "$folder/angles.npy" --center "$axis" --convention astra --size 400)
  tooth_photons=(--photons 27800)
  echo "tooth: axis at bin $axis"
}

reconstruct_tooth() {
  slices "$output/tooth/sinogram.npy" "$output/tooth" 0,0.011 "${tooth_photons[@]}" -- "${tooth[@]}"
}

# mean_square A B: of their difference, from the PSNR with a peak of 1.
mean_square() {
  "$INR" compare "$1" "$2" --json | awk '$1 == "\"psnr\"" { print 10 ^ (-($3 + 0) / 10) }'
}

# unseen SLICE STEP: root mean squared difference of the line integrals of a slice from the measured
# ones, in the views that 0::STEP leaves out.
unseen() {
  local work=$output/tooth/work measured=$output/tooth/sinogram.npy all seen
  "$INR" ct project "$1" -o "$work/projected.npy" --bins 640 --quiet --convention astra \
    --angles "$output/tooth/angles.npy" --center "$axis"
  "$INR" ct prepare "$work/projected.npy" --views "0::$2" -o "$work/projected-seen.npy" --quiet
  "$INR" ct prepare "$measured" --views "0::$2" -o "$work/seen.npy" --quiet
  all=$(mean_square "$measured" "$work/projected.npy")
  seen=$(mean_square "$work/seen.npy" "$work/projected-seen.npy")
  awk -v all="$all" -v seen="$seen" -v step="$2" 'BEGIN {
    views = 181; count = int((views + step - 1) / step)
    printf "%.4f", sqrt((views * all - count * seen) / (views - count)) }'
}

hold_out_views() {
  local work=$output/tooth/work table=$output/heldout.md step
  mkdir -p "$work"
  {
    echo "| views of 181 | FBP, hann | SIRT-200 | TV, auto | inr fit ct |"
    echo "| --- | --- | --- | --- | --- |"
  } >"$table"
  for step in 2 3 6 9; do
    local scan=("${tooth[@]}" --views "0::$step") sinogram=$output/tooth/sinogram.npy row method
    row="| $(((181 + step - 1) / step)) |"
    reconstruct fbp "$sinogram" "${scan[@]}" --filter hann -o "$work/fbp.npy" >/dev/null
    reconstruct sirt "$sinogram" "${scan[@]}" --nonnegative -o "$work/sirt.npy" >/dev/null
    reconstruct tv "$sinogram" "${scan[@]}" --nonnegative -o "$work/tv.npy" >/dev/null
    reconstruct fit "$sinogram" "${scan[@]}" "${tooth_photons[@]}" -o "$work/fit-$step" >/dev/null
    for method in fbp sirt tv "fit-$step/slice"; do
      row+=" $(unseen "$work/$method.npy" "$step") |"
    done
    echo "$row" | tee -a "$table"
  done
}

reconstruct_dendrite() {
  local folder=$output/dendrite
  local angles=(--angles "$data/dendrite_dls_angles_rad.npy" --radians)
  # Pixels are 2.5 bins wide, and show no more than that.
  local fbp_options=(--filter hann --frequency-scale 0.4)
  mkdir -p "$folder"
  "$INR" ct prepare "$data/dendrite_dls_sino.npy" "${angles[@]}" --air-bins 30 --outliers \
    --stripes 121 -o "$folder/sinogram.npy"
  # Midway between what opposite views (627.1) and the contrast of the slice (629.1) tell, cracks are
  # sharpest.
  slices "$folder/sinogram.npy" "$folder" 0,2.2 -- "${angles[@]}" --convention astra \
    --center 628.7 --size 400 --pixel-size 2.5
}

# Distances and pixels in millimetres, from the scan's own description; the source goes round
# counter-clockwise, which the disc's edges tell: by the other sign it is no circle.
reconstruct_disc() {
  local folder=$output/disc
  mkdir -p "$folder"
  slices "$data/htc2022_ta_limited60_sino.npy" "$folder" 0,0.05 -- --convention astra \
    --angles 0:60:121:inclusive --fan 410.66,553.74 --bin-width 0.2 --size 280 --pixel-size 0.29664
}

for part in ${PARTS:-tooth heldout dendrite disc}; do
  case $part in
    tooth)
      prepare_tooth
      reconstruct_tooth
      ;;
    heldout)
      prepare_tooth
      hold_out_views
      ;;
    dendrite) reconstruct_dendrite ;;
    disc) reconstruct_disc ;;
    *) fail "PARTS: found $part; expected tooth, heldout, dendrite, disc" ;;
  esac
done
