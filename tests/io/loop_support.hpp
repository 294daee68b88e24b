#pragma once

#include <functional>

#include <boost/asio/ip/address.hpp>
#include <gtest/gtest.h>

#include "io/event_loop.hpp"
#include "io/tls_engine.hpp"
#include "security/test_overlay.hpp"

namespace carillon::io {

/// Far longer than anything here takes, and only ever waited out by a test that fails.
inline constexpr milliseconds patience{20'000};

/// What the first address of loopback is called.
inline boost::asio::ip::address loopback() {
  return boost::asio::ip::address_v4::loopback();
}

/// Runs the loop until `condition` holds; a failure if it never does.
inline testing::AssertionResult reaches(EventLoop& loop, const std::function<bool()>& condition) {
  if (loop.run_until(condition, patience)) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "not within " << patience.count() << " ms";
}

/// The TLS identity of some node of an overlay.
inline TlsContext tls_of(const security::Issued& node, const std::filesystem::path& keylog = {}) {
  return TlsContext::create({node.certificate->der()}, node.key, keylog).value();
}

/// A directory that goes with the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = testing::TempDir() + "carillon-io-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
    path_ = name;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
    return path_ / name;
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace carillon::io
