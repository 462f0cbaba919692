#!/usr/bin/env bash
# A phantom, 60 noisy views of it, and what four methods make of them, without any data of one's own.
#
#   demo.sh [OUTPUT]
#
# Data: the modified Shepp-Logan phantom, 256 x 256; its exact line integrals at 60 angles, seen with
# 1e4 photons a ray. Methods: filtered back projection, SIRT, total variation whose strength held-out
# views choose, and `inr fit ct`. None of them sees the phantom.
#
# OUTPUT (default: outputs/ct) receives phantom.npy and sinogram.npy; fbp.npy, sirt.npy and tv.npy
# with a .png each, black at 0 and white at 1; the results of the fit in fit/, whose comparison.png
# has filtered back projection, fit and phantom side by side. Prints PSNR and SSIM. Time: a minute on
# 4 cores.

source "$(dirname "$0")/common.sh"

output=${1:-$root/outputs/ct}
views=60
mkdir -p "$output"
truth=$output/phantom.npy
sinogram=$output/sinogram.npy
angles=(--angles "0:180:$views" --convention astra)
window=(--window 0,1)

# with_picture METHOD OPTIONS...: reconstructs to OUTPUT/METHOD.npy and OUTPUT/METHOD.png.
with_picture() {
  local method=$1
  shift
  reconstruct "$method" "$sinogram" "${scan[@]}" "$@" -o "$output/$method.png" "${window[@]}" \
    >"$output/$method.json"
  reconstruct "$method" "$sinogram" "${scan[@]}" "$@" -o "$output/$method.npy" \
    >"$output/$method.json"
}

# line NAME RECORD: a line of the table.
line() {
  printf '%-18s %6.2f dB  %6.4f  %5.1f s\n' "$1" "$(number psnr <"$2")" "$(number ssim <"$2")" \
    "$(number seconds <"$2")"
}

noise=$("$INR" ct phantom --size 256 -o "$truth" --sinogram "$sinogram" "${angles[@]}" --bins 367 \
  --photons 1e4 2>&1 | sed -n 's/.* at \([^ ]*\) attenuation per unit.*/\1/p')
scan=("${angles[@]}" --size 256 --reference "$truth")
with_picture fbp --filter hann
with_picture sirt --nonnegative
with_picture tv --nonnegative
"$INR" fit ct "$sinogram" "${scan[@]}" --photons 1e4 --attenuation "$noise" -o "$output/fit" \
  ${threads[@]+"${threads[@]}"} --json >"$output/fit.json"

printf '%-18s %9s  %6s  %7s\n' "$views noisy views" PSNR SSIM time
line "FBP, hann" "$output/fbp.json"
line "SIRT, 200" "$output/sirt.json"
line "TV, auto" "$output/tv.json"
line "inr fit ct" "$output/fit.json"
echo "pictures: $output/fit/comparison.png (FBP, fit, phantom), and fbp.png, sirt.png, tv.png beside it"
