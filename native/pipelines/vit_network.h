// A Vit with its adapters merged, as the network of a detector.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/vit.h"
#include "pipelines/detector_network.h"
#include "pipelines/vit_adapter.h"

namespace deepcode {

struct DetectorAdapter {
  std::string weights;  // path of adapter_model.safetensors
  AdapterOptions options;
};

struct VitNetworkSpec {
  VitOptions vit;
  std::vector<DetectorAdapter> adapters;  // merged in this order
};

class VitNetwork : public DetectorNetwork {
 public:
  // weights: path of model.safetensors or its index. Throws ERR_WEIGHTS_*, ERR_CONFIG, ERR_IO;
  // Cancelled between tensors.
  VitNetwork(const VitNetworkSpec& spec, const std::string& weights, const CancelToken& cancel);

  ImageShape image() const override;
  FeatureSize grid() const override;
  torch::nn::Module& module() override { return vit_; }
  void Prepare(int64_t batch) override { vit_.Pack(batch); }
  NetworkScores Forward(const at::Tensor& pixels, const CancelToken& cancel) override;
  // By gradient-weighted attention rollout; a cell is a patch.
  at::Tensor Heatmap(const at::Tensor& pixels, double direction,
                     const CancelToken& cancel) override;

 private:
  Vit vit_;
};

}  // namespace deepcode
