#!/bin/sh
# Trains on Fashion-MNIST, compresses what was trained, and judges each result once on the test set:
# the figures of docs/results.md. What is there already is not made again; distillation goes on from
# its checkpoints.
#
#   bench/fashion-mnist/run.sh IMAGES OUT [PART...]
#
# IMAGES holds the four IDX files, as Debian's dataset-fashion-mnist installs them; OUT takes the
# models. Parts: teacher small half sparse lenet300 lenet5 fewbits int8; all of them without one.
set -eu
images=${1:?folder of the images} out=${2:?folder for models}
shift 2
parts=${*:-teacher small half sparse lenet300 lenet5 fewbits int8}
titan=${TITAN:-./titan}
recipes=$(dirname "$0")
train=$images/train-images-idx3-ubyte.gz
test=$images/t10k-images-idx3-ubyte.gz
mkdir -p "$out/unfinished"

# made FILE COMMAND...: runs the command, which writes the file, unless it is there. A command that
# is stopped may leave the best so far, which is not what is to be judged.
made() {
  file=$1
  part=$out/unfinished/$(basename "$file")
  shift
  if [ ! -e "$file" ]; then
    "$titan" "$@" -o "$part" --data "$train"
    mv "$part" "$file"
  fi
}

# judged BEFORE AFTER: both on the test set, and what they take.
judged() {
  if [ ! -e "$2.txt" ]; then
    "$titan" eval "$1" --vs "$2" --data "$test" >"$2.part"
    mv "$2.part" "$2.txt"
  fi
  ls -l "$1" "$2"
  head -n 6 "$2.txt"
}

# int8 NAME: integers after training.
int8() {
  made "$out/$1.int8.onnx" quantize "$out/$1.onnx"
  judged "$out/$1.onnx" "$out/$1.int8.onnx"
}

# few bits NAME ROUNDING: weights of 4 bits, activations of 8, no labels.
fewbits() {
  made "$out/$1.w4-$2.onnx" quantize "$out/$1.onnx" --weight-bits 4 --rounding "$2"
  judged "$out/$1.onnx" "$out/$1.w4-$2.onnx"
}

image_training="--batch 64 --lr 0.003 --augment shift,flip --averaging 0.999 --hold-back 0.05"
by_teacher="$image_training --temperature 2 --alpha 0.5"

teacher() {
  made "$out/teacher.onnx" train --arch resnet8 --epochs 22 --smoothing 0.1 $image_training \
    --checkpoint "$out/teacher.ckpt"
  made "$out/teacher.int8.onnx" quantize "$out/teacher.onnx"
}

mobilenet() {
  made "$out/mobilenet.onnx" train --arch mobilenet --epochs 10 $image_training \
    --checkpoint "$out/mobilenet.ckpt"
}

# lenet NAME EPOCHS: trained plainly, then pruned, clustered and zipped.
lenet() {
  made "$out/$1.onnx" train --arch "$1" --epochs "$2" --batch 64 --averaging 0.999 --hold-back 0.05
  made "$out/$1.small.onnx.zip" compress "$out/$1.onnx" --recipe "$recipes/$1.json" \
    --teacher "$out/teacher.int8.onnx"
  made "$out/$1.onnx.zip" compress "$out/$1.onnx" --recipe "$recipes/nothing.json"
  ls -l "$out/$1.onnx.zip"
  judged "$out/$1.onnx" "$out/$1.small.onnx.zip"
}

for part in $parts; do
  echo "== $part"
  case $part in
    teacher)
      teacher
      judged "$out/teacher.onnx" "$out/teacher.int8.onnx"
      ;;
    small) # at most 3 M multiply-adds and 30 kB
      teacher
      made "$out/cut.onnx" prune "$out/teacher.onnx" --target-macs 0.3205 --samples 128
      made "$out/small.onnx" distill "$out/teacher.int8.onnx" --student "$out/cut.onnx" \
        --epochs 30 $by_teacher --checkpoint "$out/small.ckpt"
      made "$out/small.int8.onnx" compress "$out/small.onnx" --recipe "$recipes/small.json" \
        --teacher "$out/teacher.int8.onnx"
      judged "$out/teacher.onnx" "$out/small.int8.onnx"
      ;;
    half)
      teacher
      made "$out/half-cut.onnx" prune "$out/teacher.onnx" --target-macs 0.5 --samples 128
      made "$out/half.onnx" distill "$out/teacher.int8.onnx" --student "$out/half-cut.onnx" \
        --epochs 12 $by_teacher --checkpoint "$out/half.ckpt"
      judged "$out/teacher.onnx" "$out/half.onnx"
      ;;
    sparse)
      teacher
      made "$out/sparse.int8.onnx" compress "$out/teacher.onnx" --recipe "$recipes/sparse.json" \
        --teacher "$out/teacher.int8.onnx"
      judged "$out/teacher.int8.onnx" "$out/sparse.int8.onnx"
      ;;
    lenet300)
      teacher
      lenet lenet300 12
      ;;
    lenet5)
      teacher
      lenet lenet5 10
      ;;
    fewbits)
      teacher
      mobilenet
      for model in teacher mobilenet; do
        for rounding in nearest gptq adaround; do
          fewbits $model $rounding
        done
      done
      ;;
    int8)
      teacher
      mobilenet
      for model in teacher mobilenet lenet300 lenet5; do
        [ ! -e "$out/$model.onnx" ] || int8 $model
      done
      ;;
    *)
      echo "There is no part '$part'." >&2
      exit 2
      ;;
  esac
done
