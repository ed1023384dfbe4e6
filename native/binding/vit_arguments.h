// Reading the argument objects that the detector and its trainer share. The JS side is typed in
// ts/native/detector.ts.
#pragma once

#include <napi.h>

#include "pipelines/pixels.h"
#include "pipelines/vit_adapter.h"

namespace deepcode::binding {

// NativeVitOptions
VitOptions ReadVitOptions(const Napi::Object& object);

// {layers: [{name, rank, scale}], dropout, modulesToSave}
AdapterOptions ReadAdapterOptions(const Napi::Object& object);

// `count` images of this shape in a Uint8Array; throws RangeError for another byte count.
ImageBatch ReadImages(const Napi::Value& images, const Napi::Value& count, const ImageShape& shape);

// `count` images of the network's size in a Uint8Array; throws RangeError for another byte count.
ImageBatch ReadImages(const Napi::Value& images, const Napi::Value& count, const VitOptions& vit);

}  // namespace deepcode::binding
