#!/usr/bin/env bash
# The exact surface of a ReLU network beside those that marching cubes finds on grids.
#
#   compare.sh [MODEL] [OUTPUT]
#
# MODEL (default: outputs/mesh/fit/model.safetensors, which `make mesh` makes) is a ReLU network that
# `inr fit shape` has fitted. OUTPUT (default: outputs/exact-meshes) receives the meshes, their figures,
# and pictures: all.png, and detail.png of DETAIL (x0,x1,y0,y1,z0,z1; default: where two of the rings meet
# in data/rings.obj), with cells as large as those of the whole. Prints a table: vertices, faces, Euler
# number, seconds (the median of five runs in turns; reading, checking and writing included), the largest
# |f - level| at vertices, edge midpoints and face centroids by deviation.py, the largest distance from a
# point of the exact surface to that of marching cubes and back, and the relative errors of area and
# volume. PYTHON needs NumPy.

source "$(dirname "$0")/common.sh"

model=${1:-$root/outputs/mesh/fit/model.safetensors}
output=${2:-$root/outputs/exact-meshes}
detail=${DETAIL:-34,52,14,32,28,46}
mkdir -p "$output"
[ -f "$model" ] || fail "$model is missing; \`make mesh\` makes one"

names=(exact 64 128 256 512)

# surface NAME OPTIONS...: the surface by the method that NAME says; its figures go to NAME.json.
surface() {
  local name=$1
  shift
  local method=(--method exact)
  if [ "$name" != exact ]; then method=(--method marching-cubes --resolution "$name"); fi
  "$INR" mesh "$model" "${method[@]}" "$@" ${threads[@]+"${threads[@]}"} --quiet --json
}

# 1. Meshes, and times in turns.
for name in "${names[@]}"; do : >"$output/$name.seconds"; done
for round in 1 2 3 4 5; do
  for name in "${names[@]}"; do
    surface "$name" -o "$output/$name.ply" >"$output/$name.json"
    number seconds <"$output/$name.json" >>"$output/$name.seconds"
  done
done

# 2. The table.
# relative KEY NAME: by how much the figure differs from that of the exact surface.
relative() {
  awk -v a="$(number "$1" <"$output/$2.json")" -v b="$(number "$1" <"$output/exact.json")" \
    'BEGIN { printf "%.2e", a / b - 1 }'
}
echo '| surface | vertices | faces | Euler | seconds | at vertices | at edges | at faces | exact to it | it to exact | area | volume |'
echo '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |'
for name in "${names[@]}"; do
  record=$output/$name.json
  read -r vertices edges faces < <("$PYTHON" "$here/deviation.py" "$model" "$output/$name.ply")
  distances=' | '
  errors=' | '
  if [ "$name" != exact ]; then
    "$INR" compare "$output/exact.ply" "$output/$name.ply" ${threads[@]+"${threads[@]}"} --json \
      >"$output/$name-distances.json"
    distances=$(awk '$1 == "\"largest_distance\"" { sub(/,$/, "", $3); printf "%s%.2e", n++ ? " | " : "", $3 }' \
      "$output/$name-distances.json")
    errors="$(relative area "$name") | $(relative volume "$name")"
  fi
  printf '| %s | %d | %d | %d | %.2f | %s | %s | %s | %s | %s |\n' "$name" \
    "$(number vertices <"$record")" "$(number faces <"$record")" "$(number euler_number <"$record")" \
    "$(sort -g "$output/$name.seconds" | sed -n 3p)" "$vertices" "$edges" "$faces" "$distances" "$errors"
done

# 3. Pictures.
# panels NAME SIZE AZIMUTH: OUTPUT/NAME.png from the meshes OUTPUT/NAME-*.ply.
panels() {
  local pictures=()
  for name in exact 64 128 256; do
    "$INR" render "$output/$1-$name.ply" --up z --size "$2" --azimuth "$3" \
      -o "$output/$1-$name.png" 2>/dev/null
    pictures+=("$output/$1-$name.png")
  done
  "$INR" ct panels "${pictures[@]}" --captions "exact,64 cells,128 cells,256 cells" --window 0,1 \
    -o "$output/$1.png" --quiet
}
# side: how many times the box of the whole is as long as that of the detail.
side=$("$PYTHON" - "$output/exact.json" "$detail" <<'END'
import json, sys
box = json.load(open(sys.argv[1]))["box"]
ends = [float(end) for end in sys.argv[2].split(",")]
print(max(b - a for a, b in zip(box[:3], box[3:])) / max(ends[1] - ends[0], ends[3] - ends[2], ends[5] - ends[4]))
END
)
for name in exact 64 128 256; do
  cp "$output/$name.ply" "$output/all-$name.ply"
  cells=exact
  if [ "$name" != exact ]; then cells=$(awk -v n="$name" -v s="$side" 'BEGIN { printf "%.0f", n / s }'); fi
  surface "$cells" --bounds="$detail" --cap -o "$output/detail-$name.ply" >/dev/null
done
panels all 380x250 30
panels detail 320x300 330
