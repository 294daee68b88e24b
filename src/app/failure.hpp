#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include <carillon/error.hpp>

namespace carillon::app {

/// Ends a command: its text is the one line that the user reads.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  explicit Failure(const Error& error) : std::runtime_error(error.message()) {}
};

/// The value, or the end of the command.
template <typename T>
T must(Result<T> result) {
  if (!result) throw Failure(result.error());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// The same, saying first what was being done: "cannot read the key: ...".
template <typename T>
T must(Result<T> result, const std::string& doing) {
  if (!result) throw Failure(doing + ": " + result.error().message());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace carillon::app
