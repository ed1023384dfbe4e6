#include "runtime/error.h"

#include <c10/util/Exception.h>

#include <new>
#include <string_view>

#include "runtime/cancel.h"

namespace deepcode {
namespace {

std::string FirstLine(const char* text) {
  const std::string_view view(text == nullptr ? "" : text);
  return std::string(view.substr(0, view.find('\n')));
}

ErrorReport Make(ErrorCode code, std::string message) { return {CodeName(code), std::move(message)}; }

// The CPU allocator reports exhaustion as a plain c10::Error, so its text is the only sign of it.
bool IsCpuOutOfMemory(const std::string& message) {
  return message.find("DefaultCPUAllocator") != std::string::npos;
}

constexpr const char* kOutOfMemoryAdvice =
    "Out of memory. Use a smaller batch or image size, or a 16-bit dtype.";

}  // namespace

const char* CodeName(ErrorCode code) {
  switch (code) {
    case ErrorCode::kShape: return "ERR_SHAPE";
    case ErrorCode::kDtype: return "ERR_DTYPE";
    case ErrorCode::kWeightsMissing: return "ERR_WEIGHTS_MISSING";
    case ErrorCode::kWeightsUnexpected: return "ERR_WEIGHTS_UNEXPECTED";
    case ErrorCode::kWeightsShape: return "ERR_WEIGHTS_SHAPE";
    case ErrorCode::kWeightsFormat: return "ERR_WEIGHTS_FORMAT";
    case ErrorCode::kWeightsNonfinite: return "ERR_WEIGHTS_NONFINITE";
    case ErrorCode::kConfig: return "ERR_CONFIG";
    case ErrorCode::kImage: return "ERR_IMAGE";
    case ErrorCode::kIo: return "ERR_IO";
    case ErrorCode::kNetwork: return "ERR_NETWORK";
    case ErrorCode::kChecksum: return "ERR_CHECKSUM";
    case ErrorCode::kOffline: return "ERR_OFFLINE";
    case ErrorCode::kDevice: return "ERR_DEVICE";
    case ErrorCode::kOutOfMemory: return "ERR_OUT_OF_MEMORY";
    case ErrorCode::kNonfinite: return "ERR_NONFINITE";
    case ErrorCode::kDisposed: return "ERR_DISPOSED";
    case ErrorCode::kBusy: return "ERR_BUSY";
    case ErrorCode::kInternal: return "ERR_INTERNAL";
  }
  return "ERR_INTERNAL";
}

ErrorReport Describe(std::exception_ptr error) {
  try {
    std::rethrow_exception(error);
  } catch (const Cancelled&) {
    return {"ABORT_ERR", "The operation was aborted."};
  } catch (const Error& e) {
    return Make(e.code(), e.what());
  } catch (const c10::OutOfMemoryError&) {
    return Make(ErrorCode::kOutOfMemory, kOutOfMemoryAdvice);
  } catch (const c10::Error& e) {
    std::string message = FirstLine(e.what_without_backtrace());
    if (IsCpuOutOfMemory(message)) return Make(ErrorCode::kOutOfMemory, kOutOfMemoryAdvice);
    return Make(ErrorCode::kInternal, std::move(message));
  } catch (const std::bad_alloc&) {
    return Make(ErrorCode::kOutOfMemory, kOutOfMemoryAdvice);
  } catch (const std::exception& e) {
    return Make(ErrorCode::kInternal, FirstLine(e.what()));
  } catch (...) {
    return Make(ErrorCode::kInternal, "An unknown native error occurred.");
  }
}

}  // namespace deepcode
