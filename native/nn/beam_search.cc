#include "nn/beam_search.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace deepcode {
namespace {

struct Beam {
  std::vector<int64_t> ids;
  float log_probability;
  int64_t parent;  // which of the former beams it continues
};

class Search {
 public:
  explicit Search(const BeamSearchOptions& options)
      : options_(options), running_{{{options.start_id}, 0.0f, 0}} {}

  std::vector<FoundSequence> Run(const NextLogProbabilities& next) {
    bool open = true;
    while (open) {
      const at::Tensor steps = next(Column([](const Beam& beam) { return beam.ids.back(); }),
                                    Column([](const Beam& beam) { return beam.parent; }));
      open = Advance(Candidates(steps));
    }
    const size_t count = std::min<size_t>(options_.count, finished_.size());
    return {finished_.begin(), finished_.begin() + count};
  }

 private:
  // Tokens after the start that a sequence of `length` has, to the power of the penalty.
  float Penalty(int64_t length) const {
    return static_cast<float>(std::pow(static_cast<double>(length - 1), options_.length_penalty));
  }

  int64_t Length() const { return static_cast<int64_t>(running_[0].ids.size()); }

  template <class Get>
  at::Tensor Column(Get get) const {
    std::vector<int64_t> values;
    for (const Beam& beam : running_) values.push_back(get(beam));
    return at::tensor(values, at::kLong);
  }

  // The best continuations, twice as many as beams, since of each beam one may end.
  std::vector<Beam> Candidates(const at::Tensor& steps) const {
    std::vector<float> so_far;
    for (const Beam& beam : running_) so_far.push_back(beam.log_probability);
    const at::Tensor total = steps + at::tensor(so_far, at::kFloat).unsqueeze(1);  // [B, V]
    const auto [values, places] = at::topk(total.flatten(), 2 * options_.beams);
    std::vector<Beam> candidates;
    for (int64_t i = 0; i < values.numel(); ++i) {
      const int64_t place = places[i].item<int64_t>();
      const int64_t parent = place / steps.size(1);
      std::vector<int64_t> ids = running_[parent].ids;
      ids.push_back(place % steps.size(1));
      candidates.push_back({std::move(ids), values[i].item<float>(), parent});
    }
    return candidates;
  }

  bool Ends(const Beam& beam) const {
    return beam.ids.back() == options_.end_id ||
           static_cast<int64_t>(beam.ids.size()) >= options_.max_length;
  }

  // Sorts the candidates into finished and running ones; whether the search goes on.
  bool Advance(const std::vector<Beam>& candidates) {
    running_.clear();
    for (size_t i = 0; i < candidates.size(); ++i) {
      const bool ends = Ends(candidates[i]);
      // Candidates behind the first `beams` only stand in for those that end.
      if (ends && static_cast<int64_t>(i) < options_.beams) Finish(candidates[i]);
      if (!ends && static_cast<int64_t>(running_.size()) < options_.beams) {
        running_.push_back(candidates[i]);
      }
    }
    return !running_.empty() && !Done();
  }

  void Finish(const Beam& beam) {
    const float score = beam.log_probability / Penalty(static_cast<int64_t>(beam.ids.size()));
    const auto place = std::upper_bound(
        finished_.begin(), finished_.end(), score,
        [](float value, const FoundSequence& found) { return value > found.score; });
    finished_.insert(place, {beam.ids, score});
    if (static_cast<int64_t>(finished_.size()) > options_.beams) finished_.pop_back();
  }

  bool Done() const {
    if (static_cast<int64_t>(finished_.size()) < options_.beams) return false;
    if (options_.beams == 1 || options_.early_stopping == EarlyStopping::kYes) return true;
    const bool by_any_length =
        options_.early_stopping == EarlyStopping::kNever && options_.length_penalty > 0.0;
    const float penalty = Penalty(by_any_length ? options_.max_length : Length());
    return running_[0].log_probability / penalty <= finished_.back().score;
  }

  const BeamSearchOptions options_;
  std::vector<Beam> running_;            // the best first
  std::vector<FoundSequence> finished_;  // the best first, at most `beams`
};

}  // namespace

std::vector<FoundSequence> BeamSearch(const BeamSearchOptions& options,
                                      const NextLogProbabilities& next) {
  return Search(options).Run(next);
}

}  // namespace deepcode
