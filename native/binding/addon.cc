// The module's entry point: one line a binding.
#include <napi.h>

#include "binding/environment.h"
#include "binding/register.h"

namespace deepcode::binding {

Napi::Object InitAddon(Napi::Env env, Napi::Object exports) {
  Environment::Create(env);
  RegisterAutoencoderKl(env, exports);
  RegisterCaptioner(env, exports);
  RegisterClipText(env, exports);
  RegisterDeepFace(env, exports);
  RegisterDetector(env, exports);
  RegisterDiffusionWeights(env, exports);
  RegisterFaceAttributes(env, exports);
  RegisterFaceDetector(env, exports);
  RegisterFairLoss(env, exports);
  RegisterFairDetector(env, exports);
  RegisterFairTrainer(env, exports);
  RegisterGram(env, exports);
  RegisterImage(env, exports);
  RegisterLoss(env, exports);
  RegisterRandomWeights(env, exports);
  RegisterRuntime(env, exports);
  RegisterSafetyChecker(env, exports);
  RegisterScheduler(env, exports);
  RegisterTextToImage(env, exports);
  RegisterTrainer(env, exports);
  RegisterUnet(env, exports);
  RegisterWeights(env, exports);
  return exports;
}

NODE_API_MODULE(deepcode, InitAddon)

}  // namespace deepcode::binding
