#include "sip/method.hpp"

#include <array>

namespace carillon::sip {
namespace {

constexpr std::array<std::string_view, method_count> method_names{
    "INVITE",    "ACK",    "BYE",   "CANCEL", "REGISTER", "OPTIONS", "MESSAGE", "INFO",
    "SUBSCRIBE", "NOTIFY", "REFER", "UPDATE", "PRACK",    "PUBLISH", "other"};

}  // namespace

Method method_from(std::string_view text) {
  for (std::size_t i = 0; i + 1 < method_names.size(); ++i) {
    if (method_names.at(i) == text) return static_cast<Method>(i);
  }
  return Method::other;
}

std::string_view to_string(Method method) {
  return method_names.at(static_cast<std::size_t>(method));
}

}  // namespace carillon::sip
