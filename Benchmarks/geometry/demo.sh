#!/usr/bin/env bash
# A ReLU network for a solid, its surface exactly, and a picture of it.
#
#   demo.sh [SHAPE] [OUTPUT]
#
# SHAPE (default: data/rings.obj) is fitted by three hidden layers of 64 ReLU units without encoding,
# 60 epochs of signed distances; `inr mesh` then takes the surface of the network, which consists of
# flat polygons, and checks it. OUTPUT (default: outputs/mesh) receives the fit in fit/, exact.ply, its
# figures in exact.json, and exact.png. Prints the figures, and how far the surface is from SHAPE.
# Time: half a minute on 4 cores, nearly all of it for the fit.

source "$(dirname "$0")/common.sh"

shape=${1:-$root/data/rings.obj}
output=${2:-$root/outputs/mesh}
mkdir -p "$output"

"$INR" fit shape "$shape" --activation relu --encoding none --width 64 --hidden-layers 2 --epochs 60 \
  --learning-rate 1e-3 --precision single ${threads[@]+"${threads[@]}"} -o "$output/fit" --quiet --json >"$output/fit.json"
"$INR" mesh "$output/fit/model.safetensors" ${threads[@]+"${threads[@]}"} -o "$output/exact.ply" --json \
  >"$output/exact.json"
"$INR" compare "$shape" "$output/exact.ply" ${threads[@]+"${threads[@]}"} --json >"$output/compare.json"
"$INR" render "$output/exact.ply" --up z --size 800x600 -o "$output/exact.png"

printf 'fitted in %.1f s, meshed in %.2f s; from the shape: mean distance %.3g, largest %.3g, IoU %.4f\n' \
  "$(number seconds <"$output/fit.json")" "$(number seconds <"$output/exact.json")" \
  "$(number chamfer_l1 <"$output/compare.json")" "$(number hausdorff <"$output/compare.json")" \
  "$(number iou <"$output/compare.json")"
