#include "binding/text_to_image_arguments.h"

#include <ATen/ATen.h>

#include "binding/autoencoder_kl_arguments.h"
#include "binding/clip_arguments.h"
#include "binding/convert.h"
#include "binding/scheduler_arguments.h"
#include "binding/unet_arguments.h"
#include "runtime/device.h"

namespace deepcode::binding {
namespace {

template <class Options>
PipelinePart<Options> ReadPart(const Napi::Object& spec, const char* name,
                               Options (*read)(const Napi::Object&)) {
  const Napi::Object part = ObjectField(spec, name);
  return {read(ObjectField(part, "options")), StringField(part, "weights")};
}

std::vector<LoraFile> ReadLoras(const Napi::Object& spec) {
  const Napi::Array list = Field(spec, "loras").As<Napi::Array>();
  std::vector<LoraFile> loras;
  for (uint32_t i = 0; i < list.Length(); ++i) {
    const Napi::Object lora = list.Get(i).As<Napi::Object>();
    loras.push_back({StringField(lora, "weights"), NumberField(lora, "scale")});
  }
  return loras;
}

std::vector<int64_t> ReadTokens(const Napi::Object& request, const char* name) {
  const std::vector<double> numbers = NumberArrayField(request, name);
  return {numbers.begin(), numbers.end()};
}

std::vector<uint64_t> ReadSeeds(const Napi::Object& request) {
  const std::vector<double> numbers = NumberArrayField(request, "seeds");
  return {numbers.begin(), numbers.end()};
}

void RequireBytes(const Napi::Object& object, const ByteView& bytes, int64_t expected,
                  const char* name) {
  if (static_cast<int64_t>(bytes.size) == expected) return;
  throw Napi::RangeError::New(object.Env(), std::string("Expected ") + std::to_string(expected) +
                                                " bytes for native option " + name +
                                                " but received " + std::to_string(bytes.size));
}

std::optional<StartImage> ReadImage(const Napi::Object& request, int64_t height, int64_t width) {
  if (!HasField(request, "image")) return std::nullopt;
  const Napi::Object image = ObjectField(request, "image");
  const ByteView pixels = Bytes(Field(image, "pixels"), "pixels");
  RequireBytes(image, pixels, height * width * 3, "pixels");
  const std::vector<int64_t> shape = {1, height, width, 3};
  return StartImage{at::from_blob(const_cast<uint8_t*>(pixels.data), shape, at::kByte),
                    NumberField(image, "strength")};
}

at::Tensor ReadLatents(const Napi::Object& request, const TextToImageRequest& sizes,
                       const AutoencoderKlOptions& vae) {
  if (!HasField(request, "latents")) return {};
  const std::vector<int64_t> shape = {IntField(request, "latentCount"), vae.latent_channels,
                                      sizes.height / vae.downsampling(),
                                      sizes.width / vae.downsampling()};
  const ByteView values = Bytes(Field(request, "latents"), "latents");
  RequireBytes(request, values,
               c10::multiply_integers(shape) * static_cast<int64_t>(sizeof(float)), "latents");
  return at::from_blob(const_cast<uint8_t*>(values.data), shape, at::kFloat);
}

}  // namespace

TextToImageSpec ReadTextToImageSpec(const Napi::Object& object) {
  return {.text_encoder = ReadPart(object, "textEncoder", ReadClipTextOptions),
          .unet = ReadPart(object, "unet", ReadUnetOptions),
          .vae = ReadPart(object, "vae", ReadAutoencoderKlOptions),
          .single_file = BoolField(object, "singleFile"),
          .loras = ReadLoras(object),
          .scaling_factor = NumberField(object, "scalingFactor"),
          .latent_size = IntField(object, "latentSize"),
          .device = ParseDevice(StringField(object, "device")),
          .dtype = ParseDtype(StringField(object, "dtype")),
          .cuda_graphs = BoolField(object, "cudaGraphs")};
}

TextToImageRequest ReadTextToImageRequest(const Napi::Object& object, const TextToImageSpec& spec) {
  TextToImageRequest request{
      .prompt = ReadTokens(object, "prompt"),
      .negative_prompt = ReadTokens(object, "negativePrompt"),
      .guidance_scale = NumberField(object, "guidanceScale"),
      .guidance_rescale = NumberField(object, "guidanceRescale"),
      .scheduler = ReadSchedulerConfig(ObjectField(object, "scheduler")),
      .steps = IntField(object, "steps"),
      .height = IntField(object, "height"),
      .width = IntField(object, "width"),
      .seeds = ReadSeeds(object),
      .latents = {},
      .image = std::nullopt,
      .tiling = {.slicing = true, .tiling = BoolField(object, "tiling")},
      .preview = BoolField(object, "preview")};
  request.image = ReadImage(object, request.height, request.width);
  request.latents = ReadLatents(object, request, spec.vae.options);
  return request;
}

}  // namespace deepcode::binding
