// The most probable continuations that a beam of sequences finds, and plain greedy search.
//
// Paper: Graves 2012, "Sequence Transduction with Recurrent Neural Networks", algorithm 1; the
// length penalty is that of Wu et al. 2016 in the form of transformers: score = log P / length^p.
// Reference: transformers 5, generation/utils.py (_beam_search), for one input and one end token.
// Differences: with one beam the search is greedy and ends at the first end token, as generate with
// num_beams=1 does it, but has a score all the same.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

namespace deepcode {

// Whether the search ends as soon as there are as many finished sequences as beams (kYes), when the
// best running one cannot become better than the worst finished one by the length it has now (kNo),
// or by any length (kNever).
enum class EarlyStopping { kNo, kYes, kNever };

struct BeamSearchOptions {
  int64_t beams;       // at least 1; vocabulary >= 2 * beams
  int64_t count;       // sequences that are given out, at most beams
  int64_t max_length;  // in tokens, the start included; at least 2
  double length_penalty;
  EarlyStopping early_stopping;
  int64_t start_id;
  int64_t end_id;
};

struct FoundSequence {
  std::vector<int64_t> ids;  // from the start to the end, both included; cut off at max_length
  float score;               // log P / (tokens after the start)^length_penalty
};

// Appends ids [B] int64 to the sequences, of which number i continues the former number order[i],
// and gives log-probabilities of the tokens after it [B, vocabulary], fp32, CPU. At first B is 1
// and order is [0].
using NextLogProbabilities =
    std::function<at::Tensor(const at::Tensor& ids, const at::Tensor& order)>;

// The best first.
std::vector<FoundSequence> BeamSearch(const BeamSearchOptions& options,
                                      const NextLogProbabilities& next);

}  // namespace deepcode
