#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace carillon {

/// What went wrong, for programs. Each code says what the caller should do about it.
enum class ErrorCode : std::uint8_t {
  malformed,                   ///< The bytes are not what the format says; drop them.
  too_large,                   ///< A size limit was exceeded; send less.
  forbidden,                   ///< The access policy says no (RFC 6940, 7.3); do not retry.
  not_found,                   ///< No such node, resource or value.
  request_timeout,             ///< No answer came; retry later. The store may have happened.
  generation_counter_too_low,  ///< Somebody else wrote first; fetch, then retry (7.4.1.2).
  data_too_old,                ///< storage_time is not newer than what is stored.
  data_too_large,              ///< A Kind's max-size or max-count is exceeded; split or delete.
  unknown_kind,                ///< The overlay configuration does not define the Kind.
  unknown_extension,           ///< A critical extension is not understood.
  incompatible_with_overlay,   ///< The peer speaks for another overlay or algorithm.
  config_too_old,              ///< Our configuration document is older than the peer's.
  config_too_new,              ///< Our configuration document is newer than the peer's.
  in_progress,                 ///< The other side is already doing it (simultaneous Attach).
  ttl_exceeded,                ///< The message travelled too far; a routing fault.
  response_too_large,          ///< The answer would exceed max_response_length.
  invalid_message,             ///< The other peer says that our message was invalid.
  exp_a,                       ///< Reserved for experiments (14.9).
  exp_b,                       ///< Reserved for experiments (14.9).
  bad_signature,               ///< A signature does not verify.
  bad_certificate,             ///< A certificate or its chain is not acceptable.
  not_joined,                  ///< The overlay has not been joined, or was left.
  unreachable,                 ///< No route, or the connection failed; retry later.
  busy,                        ///< A queue is full; retry later.
  disk_full,                   ///< Nothing was stored; make room.
  io,                          ///< The operating system says no; `detail` says why.
  invalid_argument,            ///< The caller's fault; `detail` says which argument.
  corrupt,                     ///< Stored data is damaged; restore or rejoin with an empty disk.
};

/// The code's name as it appears in logs, e.g. "data_too_old".
[[nodiscard]] std::string_view to_string(ErrorCode code);

/// An error as a value: the code for the program, the rest for people.
struct Error {
  ErrorCode code{};
  std::string where{};            ///< The structure or operation, e.g. "ForwardingHeader.length".
  std::string detail{};           ///< One line for people; never a password.
  std::size_t offset{no_offset};  ///< Octets from the start of the input, for `malformed`.

  static constexpr std::size_t no_offset = static_cast<std::size_t>(-1);

  /// "malformed: ForwardingHeader.length at offset 16: says 12, must be at least 38"
  [[nodiscard]] std::string message() const;

  friend bool operator==(const Error&, const Error&) = default;
};

template <typename T>
using Result = std::expected<T, Error>;

/// Short for returning an error from a function that returns a Result.
[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string where,
                                                 std::string detail = {},
                                                 std::size_t offset = Error::no_offset) {
  return std::unexpected<Error>(Error{code, std::move(where), std::move(detail), offset});
}

}  // namespace carillon
