#include "app/known_peers_file.hpp"

#include <sstream>

#include "io/files.hpp"
#include "io/socket_address.hpp"

namespace carillon::app {

std::vector<link::AddressPort> KnownPeersFile::read() {
  const auto content = io::read_file(path_);
  if (!content) {
    if (content.error().code != ErrorCode::not_found) {
      log_({Severity::warning, "known peers: " + content.error().message()});
    }
    return {};
  }
  std::istringstream lines(*content);
  for (std::string line; std::getline(lines, line);) {
    if (const auto at = io::parse_host_and_port(line)) written_.push_back({at->host, at->port});
  }
  return written_;
}

void KnownPeersFile::update(const std::vector<link::AddressPort>& peers) {
  if (peers.empty() || peers == written_) return;
  std::string content;
  for (const auto& peer : peers)
    content += peer.to_string() + "\n";
  const auto done = io::write_file(path_, as_bytes(content), io::FileMode::shared);
  if (!done) log_({Severity::warning, "known peers: " + done.error().message()});
  written_ = peers;  // A disk that is full is not asked again for the same.
}

}  // namespace carillon::app
