// The disentangled deepfake detector of Lin et al.: forgery, content and demographic features of a
// face in three encoders, and a prediction that is to be equally good for every demographic group.
//
// Paper: Lin, He, Ju, Wang, Ding, Hu 2024, "Preserving Fairness Generalization in Deepfake
// Detection" (CVPR), section 3. Reference: github.com/Purdue-M2/Fairness-Generalization,
// fair_df_detector.py.
//
//   encoder_f, encoder_c, encoder_fair   E_f, E_c, E_d: Xceptions up to adjust_channel
//   block_spe, block_sha, block_fair     1 x 1 convolutions: specific and common forgery features,
//                                        demographic ones
//   head_spe, head_sha, head_fair        classifiers of the forgery method, of real or fake, of the
//                                        demographic group; head_fused the one whose result is the
//                                        detector's
//   con_gan                              the decoder: see models/fair_decoder.h
//   fused = AdaIN(demographic maps, common maps)
//
// As in the reference, head_fused reads the mean of the fused maps. AdaIN gives each map the mean
// of the common forgery map, exactly; so what head_fused reads is the mean of the common maps, and
// no gradient of the fused prediction reaches the demographic encoder. Predict uses that: it needs
// one encoder of three.
// Differences: the number of forgery methods, of groups, of channels and the image size are
// options; without the specific branch the common features are as wide as the encoder's; what the
// reference registers and never reads (block_fused, last_linear of the encoders) is not there.
// Parameter and buffer names equal the reference's checkpoints.
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <string>
#include <vector>

#include "models/fair_decoder.h"
#include "models/fair_detector_options.h"
#include "models/fair_head.h"
#include "models/xception.h"
#include "runtime/cancel.h"

namespace deepcode {

// Of a batch whose first half is real and whose second half is fake; image i is paired with image
// i + N/2. D is head_channels().
struct FairDetectorOutput {
  FairHeadOutput common;       // features [N, D], logits [N, 2]: real or fake
  FairHeadOutput specific;     // features [N, D], logits [N, specific_classes]; undefined without
  FairHeadOutput demographic;  // features [N, D], logits [N, groups]
  FairHeadOutput fused;        // features [N, D], logits [N, 2]: the detector's prediction
  at::Tensor content;          // [N, encoder_channels, H/32, W/32]
  // [N, in_channels, H, W] in (-1, 1), row i to be compared with image i: from the image's own
  // content and demographics, with its own forgery features or with its partner's.
  at::Tensor self_reconstruction;
  at::Tensor cross_reconstruction;
};

class FairDetector : public torch::nn::Module {
 public:
  // Parameters are allocated; norms are the identity and everything else is not initialised. Throws
  // ERR_CONFIG.
  explicit FairDetector(const FairDetectorOptions& options);

  // PyTorch's default for every convolution and linear layer.
  void InitWeights(const at::Generator& generator);

  // pixels [N, in_channels, H, W], normalised to -1 to 1; N even. Throws ERR_SHAPE; Cancelled
  // between blocks.
  FairDetectorOutput Forward(const at::Tensor& pixels, const CancelToken& cancel);

  // The fused prediction of any number of images, without what it does not need. In evaluation mode
  // it equals Forward's to rounding. Throws as Forward.
  FairHeadOutput Predict(const at::Tensor& pixels, const CancelToken& cancel);

  // The two halves of Predict: the common forgery maps [N, D, H/32, W/32], and their
  // classification.
  at::Tensor CommonMaps(const at::Tensor& pixels, const CancelToken& cancel);
  FairHeadOutput ClassifyFused(const at::Tensor& common_maps);

  // What batch norms normalise by in training mode.
  void SetStatistics(BatchStatistics statistics) { SetBatchStatistics(*this, statistics); }

  // What dropout draws from; on the weights' device.
  void SetGenerator(const at::Generator& generator);

  // Gives up what Predict does not need. From then on only Predict and its halves may be called.
  void KeepPrediction();

  // After KeepPrediction, as in Xception; Prepare for batches of about `batch` images.
  void Fold() { encoder_f_->Fold(); }
  void Prepare(int64_t batch);

  // Of forgery, content and demographic features.
  std::vector<Xception*> encoders() const;

  const FairDetectorOptions& options() const { return options_; }

 private:
  std::shared_ptr<FairHead> AddHead(const std::string& name, int64_t classes);
  std::shared_ptr<FairBlock> AddBlock(const std::string& name);
  void Reconstruct(const at::Tensor& forgery, const at::Tensor& demographic,
                   FairDetectorOutput* output);
  void CheckPixels(const at::Tensor& pixels) const;

  const FairDetectorOptions options_;
  std::shared_ptr<Xception> encoder_f_;
  std::shared_ptr<Xception> encoder_c_;
  std::shared_ptr<Xception> encoder_fair_;
  std::shared_ptr<FairDecoder> con_gan_;
  std::shared_ptr<FairHead> head_spe_;  // null without the specific branch
  std::shared_ptr<FairHead> head_sha_;
  std::shared_ptr<FairHead> head_fair_;
  std::shared_ptr<FairHead> head_fused_;
  std::shared_ptr<FairBlock> block_spe_;  // null without the specific branch
  std::shared_ptr<FairBlock> block_sha_;
  std::shared_ptr<FairBlock> block_fair_;
};

}  // namespace deepcode
