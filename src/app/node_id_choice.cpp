#include "app/node_id_choice.hpp"

#include <algorithm>
#include <sstream>

#include "app/failure.hpp"
#include "io/files.hpp"
#include "security/creation.hpp"

namespace carillon::app {
namespace {

/// How far it is from `from` to `to`, clockwise; the upper half of the digits is precise enough.
std::uint64_t distance(const NodeId& from, const NodeId& to) {
  const auto high = [](const NodeId& id) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i)
      value = (value << 8) | id.octets()[i];
    return value;
  };
  return high(to) - high(from);
}

/// How far `candidate` is from its nearest neighbor, on either side.
std::uint64_t clearance(const NodeId& candidate, const std::vector<NodeId>& taken) {
  std::uint64_t nearest = ~std::uint64_t{0};
  for (const auto& id : taken) {
    nearest = std::min({nearest, distance(candidate, id), distance(id, candidate)});
  }
  return nearest;
}

}  // namespace

NodeId choose_node_id(const std::vector<NodeId>& taken, Random& random) {
  auto best = security::random_node_id(random);
  for (int i = 1; i < node_id_candidates; ++i) {
    const auto other = security::random_node_id(random);
    if (clearance(other, taken) > clearance(best, taken)) best = other;
  }
  return best;
}

NodeId choose_node_id(const std::filesystem::path& list, Random& random) {
  std::string text;
  if (auto content = io::read_file(list)) {
    text = std::move(*content);
  } else if (content.error().code != ErrorCode::not_found) {
    throw Failure(content.error());
  }
  std::vector<NodeId> taken;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    taken.push_back(must(NodeId::from_hex(line), list.string()));
  }
  const auto chosen = choose_node_id(taken, random);
  must(io::write_file(list, as_bytes(text + chosen.to_hex() + "\n"), io::FileMode::shared));
  return chosen;
}

}  // namespace carillon::app
