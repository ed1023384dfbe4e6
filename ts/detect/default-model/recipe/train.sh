#!/usr/bin/env bash
# Trains the detector in the folder above again, from random weights, and measures it.
# Usage: ts/detect/default-model/recipe/train.sh DATA RUNS
#   DATA  holds faces256 (train, valid, test, extra, cross-diffusion; see ../README.md)
#   RUNS  folder of the runs; interrupted ones go on where they stopped
# About half an hour of one core a run: held sees whole sources less than there are, so that it can be measured on
# sources that it has not seen; ship is trained in the same way on every source, and is what ships.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
deepcode="node $here/../../../../bin/deepcode.js"
data="$1" runs="$2" lists="$2/lists"
mkdir -p "$lists"
node "$here/sources.mjs" "$data/faces256" "$lists"

# FFHQ against StyleGAN is the hardest pair and the smallest set: each of its images counts twice.
gan=(--data "$data/faces256" --data-weight 2 --data "$lists/more-gan.csv" --data-weight 1)
held=("${gan[@]}" --data "$lists/diffusion.csv" --data-weight 1)
ship=("${held[@]}" --data "$lists/rest-trained.csv" --data-weight 1)
shared=(--model "$here" --init random --train all --head keep --optimizer adamw --weight-decay 0.05 --clip-grad-norm 1
  --drop-path 0.1 --threads 1 --batch-size 32 --lr 1e-3 --schedule cosine --warmup-steps 100)
# The face stays where it is, pixel for pixel (crops from anywhere cost four times the epochs, and resampling hides what
# there is to see); CutMix keeps the images from being learnt by heart.
detector=(--augment flip --cutmix 0.5 --tta flip --threshold-by half)
# CutMix does not go with Single-Center Loss.
compared=(--augment light --label-smoothing 0.1)
terms="Research and evaluation only: trained on FFHQ (CC BY-NC-SA 4.0), SCUT-FBP5500 (non-commercial research) and on photos and generated faces without stated terms."

# run NAME OPTIONS...: trains unless it is done
run() {
  local out="$runs/$1" resume=()
  shift
  [ -e "$out/model-last" ] && return
  [ -d "$out/checkpoints" ] && resume=(--resume)
  $deepcode train --out "$out" "${shared[@]}" "${detector[@]}" --save-dtype fp16 --weights-terms "$terms" "$@" "${resume[@]}"
}

run held "${held[@]}" --train-samples 2000 --epochs 40 --seed 0
run ship "${ship[@]}" --epochs 24 --seed 2

$deepcode eval --model "$runs/held" --data "$data/faces256" --data "$lists/held-gan.csv" \
  --data "$lists/held-diffusion.csv" --within faces256 --out "$runs/held/report"
$deepcode eval --model "$runs/ship" --data "$data/faces256" --data "$lists/rest-gan.csv" \
  --data "$lists/rest-diffusion.csv" --within faces256 --out "$runs/ship/report"
$deepcode compare --out "$runs/compare" "${gan[@]}" "${shared[@]}" "${compared[@]}" --epochs 4 --seeds 0,1,2 \
  --cross "$lists/other-gan.csv" --cross "$data/faces256/cross-diffusion"
