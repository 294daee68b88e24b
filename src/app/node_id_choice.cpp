#include "app/node_id_choice.hpp"

#include <algorithm>
#include <sstream>

#include "app/failure.hpp"
#include "io/files.hpp"
#include "topology/node_id_choice.hpp"

namespace carillon::app {

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
  std::ranges::sort(taken);
  const auto chosen = topology::choose_node_id(taken, random);
  must(io::write_file(list, as_bytes(text + chosen.to_hex() + "\n"), io::FileMode::shared));
  return chosen;
}

}  // namespace carillon::app
