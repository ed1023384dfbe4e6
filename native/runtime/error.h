// Typed errors. The codes are those of ts/errors.ts; a message is one or two sentences that say what
// to do and never carries C++ frames.
#pragma once

#include <exception>
#include <string>

namespace deepcode {

enum class ErrorCode {
  kShape,
  kDtype,
  kWeightsMissing,
  kWeightsUnexpected,
  kWeightsShape,
  kWeightsFormat,
  kWeightsNonfinite,
  kConfig,
  kImage,
  kIo,
  kNetwork,
  kChecksum,
  kOffline,
  kDevice,
  kOutOfMemory,
  kNonfinite,
  kDisposed,
  kBusy,
  kInternal,
};

// The JS-visible code, for example "ERR_SHAPE".
const char* CodeName(ErrorCode code);

class Error : public std::exception {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}
  ErrorCode code() const { return code_; }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  ErrorCode code_;
  std::string message_;
};

// What a failure of any kind means to the caller: the code and the message that JS receives.
struct ErrorReport {
  std::string code;  // "ERR_...", or "ABORT_ERR" for a cancelled job
  std::string message;
};

// Describes an in-flight exception. Maps libtorch's errors (out of memory, device, shape) onto codes
// by their type where there is one; anything unknown becomes ERR_INTERNAL without backtrace.
ErrorReport Describe(std::exception_ptr error);

}  // namespace deepcode
