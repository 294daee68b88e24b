#pragma once

#include <filesystem>
#include <vector>

#include "base/notice.hpp"
#include "link/address_port.hpp"

namespace carillon::app {

/// Where other peers were found, remembered over restarts (RFC 6940, 11.4): a peer that comes back
/// finds its overlay even if no bootstrap node is up. One "host:port" a line.
class KnownPeersFile {
 public:
  KnownPeersFile(std::filesystem::path path, NoticeSink log)
      : path_(std::move(path)), log_(std::move(log)) {}

  /// Nothing if there is no file; lines that are not addresses are left out.
  [[nodiscard]] std::vector<link::AddressPort> read();
  /// Writes them if they are others than last time. Nobody left to remember is not worth writing.
  void update(const std::vector<link::AddressPort>& peers);

 private:
  std::filesystem::path path_;
  NoticeSink log_;
  std::vector<link::AddressPort> written_;
};

}  // namespace carillon::app
