#include "runtime/random.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>

namespace deepcode {

at::Generator NewGenerator(c10::Device device, uint64_t seed) {
  if (device.is_cpu()) return at::make_generator<at::CPUGeneratorImpl>(seed);
  at::Generator generator =
      at::globalContext().getAcceleratorHooksInterface(device.type()).getNewGenerator(device.index());
  generator.set_current_seed(seed);
  return generator;
}

}  // namespace deepcode
