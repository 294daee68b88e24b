#include "app/node_id_choice.hpp"

#include <algorithm>
#include <sstream>

#include "app/failure.hpp"
#include "io/files.hpp"
#include "topology/node_id_choice.hpp"

namespace carillon::app {

namespace {

/// One a line, in the order in which they were given out.
std::vector<NodeId> read_list(const std::filesystem::path& list) {
  std::vector<NodeId> taken;
  const auto content = io::read_file(list);
  if (!content && content.error().code == ErrorCode::not_found) return taken;
  std::istringstream lines(must(content));
  for (std::string line; std::getline(lines, line);)
    taken.push_back(must(NodeId::from_hex(line), list.string()));
  return taken;
}

void write_list(const std::filesystem::path& list, const std::vector<NodeId>& taken) {
  std::string text;
  for (const NodeId& node : taken)
    text += node.to_hex() + "\n";
  must(io::write_file(list, as_bytes(text), io::FileMode::shared));
}

std::vector<NodeId> sorted(std::vector<NodeId> nodes) {
  std::ranges::sort(nodes);
  return nodes;
}

}  // namespace

NodeId choose_node_id(const std::filesystem::path& list, Random& random) {
  auto taken = read_list(list);
  taken.push_back(topology::choose_node_id(sorted(taken), random));
  write_list(list, taken);
  return taken.back();
}

NodeId retire_node_id(const std::filesystem::path& list, const std::optional<NodeId>& gone) {
  auto taken = read_list(list);
  if (taken.empty()) throw Failure(list.string() + ": no peer is enrolled");
  const NodeId node = gone ? *gone : topology::choose_leaver(sorted(taken));
  if (std::erase(taken, node) == 0) {
    throw Failure(list.string() + ": no peer " + node.to_hex() + " is enrolled");
  }
  write_list(list, taken);
  return node;
}

}  // namespace carillon::app
