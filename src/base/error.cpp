#include <array>

#include <carillon/error.hpp>

namespace carillon {

std::string_view to_string(ErrorCode code) {
  static constexpr std::array<std::string_view, 28> names{"malformed",
                                                          "too_large",
                                                          "forbidden",
                                                          "not_found",
                                                          "request_timeout",
                                                          "generation_counter_too_low",
                                                          "data_too_old",
                                                          "data_too_large",
                                                          "unknown_kind",
                                                          "unknown_extension",
                                                          "incompatible_with_overlay",
                                                          "config_too_old",
                                                          "config_too_new",
                                                          "in_progress",
                                                          "ttl_exceeded",
                                                          "response_too_large",
                                                          "invalid_message",
                                                          "exp_a",
                                                          "exp_b",
                                                          "bad_signature",
                                                          "bad_certificate",
                                                          "not_joined",
                                                          "unreachable",
                                                          "busy",
                                                          "disk_full",
                                                          "io",
                                                          "invalid_argument",
                                                          "corrupt"};
  const auto index = static_cast<std::size_t>(code);
  return index < names.size() ? names.at(index) : "unknown";
}

std::string Error::message() const {
  std::string text{to_string(code)};
  if (!where.empty()) text += ": " + where;
  if (offset != no_offset) text += " at offset " + std::to_string(offset);
  if (!detail.empty()) text += ": " + detail;
  return text;
}

}  // namespace carillon
