#!/usr/bin/env bash
# A phantom, 60 noisy views of it, and what four methods make of them, without any data of one's own.
#
#   demo.sh [OUTPUT]
#
# Data: the modified Shepp-Logan phantom, 256 x 256; its exact line integrals at 60 angles, seen with
# 1e4 photons a ray. Methods: filtered back projection, SIRT, total variation whose strength held-out
# views choose, and `inr fit ct`. None of them sees the phantom.
#
# OUTPUT (default: outputs/ct) receives comparison.png with all slices side by side; phantom.npy,
# sinogram.npy, fbp.npy, sirt.npy and tv.npy; and the results of the fit in fit/. Prints PSNR and SSIM.
# Time: a minute on 4 cores.

source "$(dirname "$0")/common.sh"

output=${1:-$root/outputs/ct}
views=60
mkdir -p "$output"
truth=$output/phantom.npy
sinogram=$output/sinogram.npy
angles=(--angles "0:180:$views" --convention astra)

# slice METHOD OPTIONS...: reconstructs to OUTPUT/METHOD.npy.
slice() {
  local method=$1
  shift
  reconstruct "$method" "$sinogram" "${scan[@]}" "$@" -o "$output/$method.npy" >"$output/$method.json"
}

# line NAME RECORD: a line of the table.
line() {
  printf '%-18s %6.2f dB  %6.4f  %5.1f s\n' "$1" "$(number psnr <"$2")" "$(number ssim <"$2")" \
    "$(number seconds <"$2")"
}

noise=$("$INR" ct phantom --size 256 -o "$truth" --sinogram "$sinogram" "${angles[@]}" --bins 367 \
  --photons 1e4 2>&1 | sed -n 's/.* at \([^ ]*\) attenuation per unit.*/\1/p')
scan=("${angles[@]}" --size 256 --reference "$truth")
slice fbp --filter hann
slice sirt --nonnegative
slice tv --nonnegative
"$INR" fit ct "$sinogram" "${scan[@]}" --photons 1e4 --attenuation "$noise" -o "$output/fit" \
  ${threads[@]+"${threads[@]}"} --json >"$output/fit.json"
"$INR" ct panels "$output/fbp.npy" "$output/sirt.npy" "$output/tv.npy" "$output/fit/slice.npy" "$truth" \
  --captions "FBP,SIRT,total variation,inr fit ct,phantom" --window 0,0.6 -o "$output/comparison.png"

printf '%-18s %9s  %6s  %7s\n' "$views noisy views" PSNR SSIM time
line "FBP, hann" "$output/fbp.json"
line "SIRT, 200" "$output/sirt.json"
line "TV, auto" "$output/tv.json"
line "inr fit ct" "$output/fit.json"
echo "picture of all: $output/comparison.png"
