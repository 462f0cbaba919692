#!/usr/bin/env bash
# How good slices become from 100, 60, 30 and 20 views over half a turn, clean and with noise:
# filtered back projection, CGLS, SIRT, total variation and `inr fit ct`, in PSNR and SSIM.
#
#   quality.sh DATA [OUTPUT]
#
# Data: the modified Shepp-Logan phantom, whose line integrals are exact, so that no method inverts
# its own discretisation; and from the folder DATA ct_chest_ge_512.npy and ct_head_ge_512.npy (see
# ../peers/ct_slices.py), which are projected as they are. 256 x 256 pixels, 367 bins. Noise: 1e4
# photons a ray, of which exp(-4) arrive on the densest.
#
# Total variation gets the best of a ladder of lambdas, chosen by the truth: what nobody has outside
# a benchmark. `inr fit ct` gets nothing but the sinogram and, with noise, its number of photons;
# --reference only measures.
#
# OUTPUT (default: outputs/ct-quality) receives results.tsv, a line a measurement, and table.md. What
# results.tsv has already is not done again. Time: half an hour on 4 cores.
#
#   SLICES, VIEWS, NOISES, METHODS   parts of the table, e.g. SLICES=chest VIEWS="60 20"
#                                    NOISES=clean METHODS="sirt fit"

source "$(dirname "$0")/common.sh"

data=${1:?usage: quality.sh DATA [OUTPUT]}
output=${2:-$root/outputs/ct-quality}
seed=1
results=$output/results.tsv
mkdir -p "$output/work"
touch "$results"

# has SLICE NOISE VIEWS METHOD: whether results.tsv has this measurement.
has() {
  awk -F '\t' -v key="$1|$2|$3|$4" '$1 "|" $2 "|" $3 "|" $4 == key { found = 1 } END { exit !found }' \
    "$results"
}

# measure METHOD DETAIL COMMAND...: adds a line to results.tsv: slice, noise, views, method, PSNR,
# SSIM, detail (such as the lambda), seconds.
measure() {
  local method=$1 detail=$2 record
  shift 2
  if has "$slice" "$noise" "$views" "$method"; then return; fi
  record=$(reconstruct "$@" "${scan[@]}" --reference "$truth")
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$slice" "$noise" "$views" "$method" \
    "$(number psnr <<<"$record")" "$(number ssim <<<"$record")" "$detail" \
    "$(number seconds <<<"$record")" >>"$results"
  tail -1 "$results"
}

# The sinogram of the cell. Prints the attenuation per unit of the sinogram where there is noise.
make_sinogram() {
  local options=(--convention astra --bins 367 --angles "0:180:$views")
  if [ "$noise" = noisy ]; then options+=(--photons 1e4 --peak-attenuation 4 --seed "$seed"); fi
  if [ "$slice" = shepp-logan ]; then
    "$INR" ct phantom --size 256 -o "$truth" --sinogram "$sinogram" "${options[@]}" 2>&1
  else
    "$INR" ct project "$truth" -o "$sinogram" "${options[@]}" 2>&1
  fi | sed -n 's/.* at \([^ ]*\) attenuation per unit.*/\1/p'
}

# The lambdas that total variation tries: the best of all cells of a kind lies inside.
ladder() {
  case $slice-$noise in
    shepp-logan-clean) echo .5 1 2 4 8 16 ;;
    shepp-logan-noisy) echo 1 2 4 8 16 32 ;;
    *-clean) echo .005 .02 .05 .2 .5 ;;
    *) echo 1 2 4 8 16 ;;
  esac
}

measure_cell() {
  local scan=(--convention astra --angles "0:180:$views" --size 256) work=$output/work
  local truth=$work/$slice.npy sinogram=$work/$slice-$noise-$views.npy
  local attenuation method lambda photons=()
  attenuation=$(make_sinogram)
  if [ -n "$attenuation" ]; then photons=(--photons 1e4 --attenuation "$attenuation"); fi
  for method in ${METHODS:-fbp cgls sirt tv tv-auto fit}; do
    case $method in
      fbp) measure FBP hann fbp "$sinogram" --filter hann -o "$work/fbp.npy" ;;
      cgls) measure CGLS 20 cgls "$sinogram" --iterations 20 -o "$work/cgls.npy" ;;
      sirt) measure SIRT 200 sirt "$sinogram" --iterations 200 --nonnegative -o "$work/sirt.npy" ;;
      tv)
        for lambda in $(ladder); do
          measure "TV $lambda" "$lambda" tv "$sinogram" --lambda "$lambda" --nonnegative \
            -o "$work/tv.npy"
        done
        ;;
      tv-auto) measure "TV auto" auto tv "$sinogram" --nonnegative -o "$work/tv.npy" ;;
      fit)
        measure fit "" fit "$sinogram" ${photons[@]+"${photons[@]}"} \
          -o "$output/fit-$slice-$noise-$views"
        ;;
      *) fail "METHODS: found $method; expected fbp, cgls, sirt, tv, tv-auto, fit" ;;
    esac
  done
}

# The table: a line a slice, noise and number of views; of TV the best of the ladder and of what its
# own search found.
write_table() {
  awk -F '\t' '
    function keep(method) {
      if ((cell, method) in psnr && $5 <= psnr[cell, method]) return
      psnr[cell, method] = $5; ssim[cell, method] = $6; detail[cell, method] = $7
    }
    { cell = $1 "\t" $2 "\t" $3
      if (!(cell in known)) { known[cell] = 1; cells[++count] = cell }
      if ($4 ~ /^TV/) keep("TV")
      if ($4 !~ /^TV [.0-9]/) keep($4) }
    function entry(cell, method) {
      if (!((cell, method) in psnr)) return ""
      return sprintf("%.2f / %.3f", psnr[cell, method], ssim[cell, method])
    }
    function gain(cell, method) {
      if (!((cell, "fit") in psnr && (cell, method) in psnr)) return ""
      return sprintf("%+.2f", psnr[cell, "fit"] - psnr[cell, method])
    }
    END {
      print "| slice | noise | views | FBP | CGLS-20 | SIRT-200 | TV, auto | TV, oracle (lambda) | inr fit ct | above SIRT | above oracle TV |"
      print "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
      for (i = 1; i <= count; i++) {
        cell = cells[i]; split(cell, name, "\t")
        best = entry(cell, "TV")
        if (best != "") best = best " (" detail[cell, "TV"] ")"
        printf "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", name[1], name[2], name[3],
          entry(cell, "FBP"), entry(cell, "CGLS"), entry(cell, "SIRT"), entry(cell, "TV auto"),
          best, entry(cell, "fit"), gain(cell, "SIRT"), gain(cell, "TV")
      }
    }' "$results" >"$output/table.md"
}

"$PYTHON" "$root/Benchmarks/peers/ct_slices.py" "$data" "$output/work"
for slice in ${SLICES:-shepp-logan chest head}; do
  for noise in ${NOISES:-clean noisy}; do
    for views in ${VIEWS:-100 60 30 20}; do
      measure_cell
      write_table
    done
  done
done
cat "$output/table.md"
