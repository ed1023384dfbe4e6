#!/usr/bin/env bash
# Trains the detector in this folder again, from random weights, and measures it.
# Usage: ts/detect/default-model/recipe/train.sh DATA RUNS
#   DATA  holds faces256 (train, valid, test, extra, cross-diffusion; see ../README.md)
#   RUNS  folder of the runs; interrupted ones go on where they stopped
# Five runs, about six hours of one core: gan and held see whole sources less than there are, so that
# held-224 can be measured on sources that it has not seen; rest-224, which goes on from held, ships (its model-last).
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
deepcode="node $here/../../../../bin/deepcode.js"
data="$1" runs="$2" lists="$2/lists"
mkdir -p "$lists"
node "$here/sources.mjs" "$data/faces256" "$lists"

gan=(--data "$data/faces256" --data "$lists/more-gan.csv")
held=("${gan[@]}" --data "$lists/diffusion.csv")
rest=("${held[@]}" --data "$lists/rest-trained.csv")
shared=(--train all --head keep --optimizer adamw --weight-decay 0.05 --clip-grad-norm 1 --augment basic
  --label-smoothing 0.1 --threads 1)
crops=(--batch-size 24 --lr 5e-4)
whole=(--image-size 224 --crop-pct 0.875 --batch-size 12 --lr 1.5e-4 --schedule cosine --warmup-steps 20
  --save-dtype fp16 --weights-terms "Research and evaluation only: trained on FFHQ (CC BY-NC-SA 4.0), SCUT-FBP5500 (non-commercial research) and on photos and generated faces without stated terms.")

# run NAME MODEL OPTIONS...: trains unless it is done
run() {
  local out="$runs/$1" model="$2" resume=()
  shift 2
  [ -e "$out/model-last" ] && return
  [ -d "$out/checkpoints" ] && resume=(--resume)
  $deepcode train --model "$model" --out "$out" "${shared[@]}" "$@" "${resume[@]}"
}

run gan "$here" --init whitened "${gan[@]}" "${crops[@]}" --epochs 15 --warmup-steps 100 --drop-path 0.1 --seed 0
run held "$runs/gan/model-last" "${held[@]}" "${crops[@]}" --epochs 24 --schedule cosine --warmup-steps 50 --drop-path 0.1 --seed 0
run held-224 "$runs/held/model-last" "${held[@]}" "${whole[@]}" --epochs 2 --drop-path 0.1 --seed 1
run rest "$runs/held/model-last" "${rest[@]}" "${crops[@]}" --epochs 32 --schedule cosine --warmup-steps 100 --seed 2
run rest-224 "$runs/rest/model-last" "${rest[@]}" "${whole[@]}" --epochs 2 --seed 3

$deepcode eval --model "$runs/held-224/model-last" --data "$data/faces256" --data "$lists/held-gan.csv" \
  --data "$lists/held-diffusion.csv" --within faces256 --out "$runs/held-224/report"
$deepcode eval --model "$runs/rest-224/model-last" --data "$data/faces256" --data "$lists/rest-gan.csv" \
  --data "$lists/rest-diffusion.csv" --within faces256 --out "$runs/rest-224/report"
$deepcode compare --model "$runs/gan/model-last" --out "$runs/compare" "${gan[@]}" "${shared[@]}" "${crops[@]}" \
  --schedule cosine --warmup-steps 50 --drop-path 0.1 --epochs 4 --seeds 0,1,2 \
  --cross "$lists/other-gan.csv" --cross "$data/faces256/cross-diffusion"
