// An overlay configuration document, as it comes from a file or in a ConfigUpdate.
#include <string>

#include "check.hpp"
#include "config/configuration_document.hpp"

using namespace carillon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{reinterpret_cast<const char*>(data), size};
  if (const auto document = config::ConfigurationDocument::parse(text)) {
    check(document->text() == text);
    check(text.find(document->blob()) != std::string::npos);
  }
  return 0;
}
