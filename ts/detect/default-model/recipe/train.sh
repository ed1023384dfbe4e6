#!/usr/bin/env bash
# Trains the detector in this folder again, from random weights, and measures it.
# Usage: ts/detect/default-model/recipe/train.sh DATA RUN
#   DATA  holds faces256 (train, valid, test, extra, cross-diffusion; see ../README.md)
#   RUN   folder of the run; interrupted runs go on where they stopped
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
deepcode="node $here/../../../../bin/deepcode.js"
data="$1" run="$2"
resume=()
[ -d "$run/checkpoints" ] && resume=(--resume)

$deepcode train --data "$data/faces256" --model "$here" --init random --train all --head keep --out "$run" \
  --epochs 80 --batch-size 32 --optimizer adamw --lr 7e-4 --schedule cosine --warmup-epochs 3 \
  --weight-decay 0.05 --drop-path 0.1 --clip-grad-norm 1 --augment basic --save-dtype fp16 --seed 0 \
  --weights-terms "Research and evaluation only: trained on FFHQ (CC BY-NC-SA 4.0) and on generated faces without stated terms." \
  "${resume[@]}"

for set in faces256 faces256/extra faces256/cross-diffusion; do sets+=(--data "$data/$set"); done
$deepcode eval --model "$run" "${sets[@]}" --within faces256 --out "$run/report"
