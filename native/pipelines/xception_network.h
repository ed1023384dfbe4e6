// Xception and the disentangled detector as networks of a detector, with norms folded away.
#pragma once

#include <memory>
#include <string>

#include "models/fair_detector.h"
#include "models/xception.h"
#include "pipelines/detector_network.h"

namespace deepcode {

struct XceptionNetworkSpec {
  XceptionOptions xception;
  int64_t image_height;  // pixels
  int64_t image_width;
};

// Heat maps by Grad-CAM (Selvaraju et al. 2017, equations 1 and 2): a cell is a position of the
// last maps.
class ConvolutionNetwork : public DetectorNetwork {
 public:
  FeatureSize grid() const override;
  NetworkScores Forward(const at::Tensor& pixels, const CancelToken& cancel) override;
  at::Tensor Heatmap(const at::Tensor& pixels, double direction,
                     const CancelToken& cancel) override;

 protected:
  // pixels [N, C, H, W] -> the last maps [N, channels, h, w]
  virtual at::Tensor Maps(const at::Tensor& pixels, const CancelToken& cancel) = 0;
  virtual NetworkScores Classify(const at::Tensor& maps) = 0;
};

// Both constructors take the path of model.safetensors or its index and throw ERR_WEIGHTS_*,
// ERR_CONFIG, ERR_IO; Cancelled between tensors.
class XceptionNetwork : public ConvolutionNetwork {
 public:
  XceptionNetwork(const XceptionNetworkSpec& spec, const std::string& weights,
                  const CancelToken& cancel);

  ImageShape image() const override;
  torch::nn::Module& module() override { return xception_; }
  void Prepare(int64_t batch) override;

 protected:
  at::Tensor Maps(const at::Tensor& pixels, const CancelToken& cancel) override;
  NetworkScores Classify(const at::Tensor& maps) override;

 private:
  const XceptionNetworkSpec spec_;
  Xception xception_;
};

// The fused prediction.
class FairNetwork : public ConvolutionNetwork {
 public:
  FairNetwork(const FairDetectorOptions& options, const std::string& weights,
              const CancelToken& cancel);

  ImageShape image() const override;
  torch::nn::Module& module() override { return detector_; }
  void Prepare(int64_t batch) override { detector_.Prepare(batch); }

 protected:
  at::Tensor Maps(const at::Tensor& pixels, const CancelToken& cancel) override;
  NetworkScores Classify(const at::Tensor& maps) override;

 private:
  FairDetector detector_;
};

}  // namespace deepcode
