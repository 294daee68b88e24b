#include "wire/golden.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "base/bytes.hpp"
#include "base/hex.hpp"

namespace carillon::wire::testing {

Bytes golden(const std::string& name) {
  std::ifstream file{std::string{CARILLON_GOLDEN_DIR} + "/" + name + ".hex"};
  if (!file) throw std::runtime_error("no golden file for " + name);
  Bytes octets;
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words{line.substr(0, line.find(';'))};
    std::string word;
    while (words >> word) {
      append(octets, word.starts_with('@') ? golden(word.substr(1)) : from_hex(word).value());
    }
  }
  return octets;
}

NodeId node(std::uint8_t number) {
  NodeId::Octets octets{};
  octets.fill(static_cast<std::uint8_t>(number * 0x11));
  return NodeId{octets};
}

ResourceId resource() {
  return ResourceId::from_hex("aabbccddeeff00112233445566778899").value();
}

}  // namespace carillon::wire::testing
