#!/usr/bin/env bash
# Opens exact meshes in MeshLab, Blender, assimp and trimesh, and checks what these make of them.
#
#   viewers.sh [MODEL] [OUTPUT]
#
# MODEL (default: outputs/mesh/fit/model.safetensors, which `make mesh` makes) is a ReLU network of a
# solid. Its surface is written to OUTPUT (default: outputs/viewers) as OBJ and PLY, as polygons and as
# triangles, as a whole and cut by the box DETAIL (x0,x1,y0,y1,z0,z1; default: where two of the rings meet
# in data/rings.obj) with caps. Prints a table, and ends with 1 if anything differs (viewers.py tells
# what is compared).
#
# PYTHON needs pymeshlab, bpy and trimesh (PyPI; bpy 4.5 for Python 3.11), and there has to be assimp
# (Debian's assimp-utils).

source "$(dirname "$0")/common.sh"

model=${1:-$root/outputs/mesh/fit/model.safetensors}
output=${2:-$root/outputs/viewers}
detail=${DETAIL:-34,52,14,32,28,46}
mkdir -p "$output"
[ -f "$model" ] || fail "$model is missing; \`make mesh\` makes one"
command -v assimp >/dev/null || fail "assimp is missing; it is in Debian's assimp-utils"

echo '| file | program | vertices | polygons | triangles | closed | volume | warnings | differs |'
echo '| --- | --- | --- | --- | --- | --- | --- | --- | --- |'
status=0
for part in whole capped; do
  box=()
  if [ "$part" = capped ]; then box=("--bounds=$detail" --cap); fi
  # Triangles first: their number is needed for the polygons, too.
  for faces in triangles polygons; do
    how=()
    if [ "$faces" = triangles ]; then how=(--triangulate); fi
    for kind in obj ply; do
      file=$output/$part-$faces.$kind
      "$INR" mesh "$model" --method exact ${box[@]+"${box[@]}"} ${how[@]+"${how[@]}"} \
        ${threads[@]+"${threads[@]}"} -o "$file" --quiet --json >"$file.json"
      if [ "$faces" = triangles ]; then triangles=$(number faces <"$file.json"); fi
      "$PYTHON" "$here/viewers.py" "$file" "$file.json" "$triangles" || status=1
    done
  done
done
exit $status
