// A certificate as another node sends it.
#include "check.hpp"
#include "security/certificate.hpp"

using namespace carillon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto certificate = security::Certificate::parse(ByteView{data, size});
  if (certificate) check(*certificate != nullptr);
  return 0;
}
