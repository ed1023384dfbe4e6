// What each <stem>_binding.cc adds to the module.
#pragma once

#include <napi.h>

namespace deepcode::binding {

void RegisterAutoencoderKl(Napi::Env env, Napi::Object exports);
void RegisterCaptioner(Napi::Env env, Napi::Object exports);
void RegisterClipText(Napi::Env env, Napi::Object exports);
void RegisterDeepFace(Napi::Env env, Napi::Object exports);
void RegisterDetector(Napi::Env env, Napi::Object exports);
void RegisterDiffusionWeights(Napi::Env env, Napi::Object exports);
void RegisterFaceAttributes(Napi::Env env, Napi::Object exports);
void RegisterFaceDetector(Napi::Env env, Napi::Object exports);
void RegisterFairLoss(Napi::Env env, Napi::Object exports);
void RegisterFairDetector(Napi::Env env, Napi::Object exports);
void RegisterFairTrainer(Napi::Env env, Napi::Object exports);
void RegisterGram(Napi::Env env, Napi::Object exports);
void RegisterImage(Napi::Env env, Napi::Object exports);
void RegisterLoss(Napi::Env env, Napi::Object exports);
void RegisterRandomWeights(Napi::Env env, Napi::Object exports);
void RegisterRuntime(Napi::Env env, Napi::Object exports);
void RegisterSafetyChecker(Napi::Env env, Napi::Object exports);
void RegisterScheduler(Napi::Env env, Napi::Object exports);
void RegisterTextToImage(Napi::Env env, Napi::Object exports);
void RegisterTrainer(Napi::Env env, Napi::Object exports);
void RegisterUnet(Napi::Env env, Napi::Object exports);
void RegisterWeights(Napi::Env env, Napi::Object exports);

}  // namespace deepcode::binding
