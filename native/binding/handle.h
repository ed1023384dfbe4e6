// JS-visible native objects. A handle is type-tagged, so that a method called on the wrong object is a
// TypeError and not a crash; dispose() is idempotent; a job in flight holds its own shared_ptr, so that
// disposing during a call is safe. Tensor memory is reported to V8.
#pragma once

#include <napi.h>

#include <memory>
#include <utility>

#include "binding/errors.h"

namespace deepcode::binding {

// A shared_ptr<T> in JS ownership. T needs no knowledge of JS. `kTag` is a random constant of T's binding.
template <class T>
class Handle {
 public:
  // `external_bytes`: memory that T holds outside of V8's heap.
  static Napi::Object Wrap(Napi::Env env, std::shared_ptr<T> value, int64_t external_bytes,
                           const napi_type_tag& tag) {
    Napi::Object object = Napi::Object::New(env);
    auto* box = new Box{std::move(value), external_bytes};
    const napi_status status = napi_wrap(env, object, box, Finalize, nullptr, nullptr);
    if (status != napi_ok) {
      delete box;
      throw Napi::Error::New(env, "The native object was not created.");
    }
    Account(env, external_bytes);
    object.TypeTag(&tag);
    object.Set("dispose", Napi::Function::New(env, [tag](const Napi::CallbackInfo& info) {
                 Release(info.Env(), Unbox(info.This(), tag));
               }));
    return object;
  }

  // Throws TypeError for a foreign object, ERR_DISPOSED after dispose().
  static std::shared_ptr<T> Get(const Napi::Value& value, const napi_type_tag& tag) {
    Box* box = Unbox(value, tag);
    if (box->value) return box->value;
    throw ToJsError(value.Env(), {CodeName(ErrorCode::kDisposed), "This object was disposed of."});
  }

 private:
  struct Box {
    std::shared_ptr<T> value;
    int64_t external_bytes;
  };

  static Box* Unbox(const Napi::Value& value, const napi_type_tag& tag) {
    if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&tag)) {
      throw Napi::TypeError::New(value.Env(), "Illegal invocation: not an object of this class");
    }
    void* data = nullptr;
    // Fails, at any moment, in a worker that is being terminated.
    if (napi_unwrap(value.Env(), value, &data) != napi_ok) throw Napi::Error::New(value.Env());
    return static_cast<Box*>(data);
  }

  static void Account(napi_env env, int64_t change) {
    int64_t total = 0;
    napi_adjust_external_memory(env, change, &total);
  }

  static void Release(Napi::Env env, Box* box) {
    if (!box->value) return;
    box->value.reset();
    Account(env, -box->external_bytes);
  }

  static void Finalize(napi_env env, void* data, void*) {
    auto* box = static_cast<Box*>(data);
    Release(env, box);
    delete box;
  }
};

}  // namespace deepcode::binding
