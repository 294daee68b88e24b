#include <algorithm>

#include "base/bytes.hpp"
#include "sip/sip_message.hpp"
#include "sip/text.hpp"

namespace carillon::sip {
namespace {

/// Above any message that we take; a larger number is no length.
constexpr std::uint64_t max_content_length = 0xffffffff;

bool is_version(std::string_view text) {
  return text.size() > 4 && iequals(text.substr(0, 4), "SIP/");
}

}  // namespace

/// Cuts a message into its lines (RFC 3261, 7); works on the message's own buffer.
class MessageParser {
 public:
  MessageParser(SipMessage& message, const SipLimits& limits)
      : message_(message), limits_(limits) {}

  Result<void> run(ByteView octets) {
    auto input = as_text(octets);
    // Empty lines before the start line are a keepalive's rest (7.5).
    input.remove_prefix(std::min(input.find_first_not_of("\r\n"), input.size()));
    if (input.size() > limits_.message_bytes) return malformed("longer than the limit");
    // Room for the two or three headers that a proxy adds.
    message_.text_.reserve(input.size() + 256);
    message_.text_ = input;
    message_.fields_.reserve(24);
    if (auto started = start_line(); !started) return started;
    while (next_line())
      header_line();
    body();
    return {};
  }

 private:
  static std::unexpected<Error> malformed(const char* detail) {
    return fail(ErrorCode::malformed, "SIP message", detail);
  }

  [[nodiscard]] SipMessage::Range range(std::string_view part) const {
    return {static_cast<std::uint32_t>(part.data() - message_.text_.data()),
            static_cast<std::uint32_t>(part.size())};
  }

  void defect(std::string text) {
    if (message_.defect_.empty()) message_.defect_ = std::move(text);
  }

  /// The next line into `line_`, continuation lines joined to it (7.3.1); false at the empty line.
  bool next_line() {
    std::string& text = message_.text_;
    if (position_ >= text.size()) {
      defect("no empty line after the headers");
      return false;
    }
    const std::size_t start = position_;
    std::size_t end = start;
    for (;;) {
      const auto newline = text.find('\n', end);
      if (newline == std::string::npos) {
        position_ = text.size();
        end = text.size();
        break;
      }
      position_ = newline + 1;
      end = newline;
      const bool empty = newline == start || (newline == start + 1 && text[start] == '\r');
      const bool folded =
          !empty && position_ < text.size() && (text[position_] == ' ' || text[position_] == '\t');
      if (!folded) break;
      text[newline] = ' ';
      if (newline > start && text[newline - 1] == '\r') text[newline - 1] = ' ';
    }
    if (end > start && text[end - 1] == '\r') --end;
    line_ = std::string_view{text}.substr(start, end - start);
    return !line_.empty();
  }

  Result<void> start_line() {
    if (!next_line()) return malformed("empty");
    if (is_version(line_.substr(0, std::min(line_.size(), line_.find(' '))))) return status_line();
    const auto first = line_.find(' ');
    const auto last = line_.rfind(' ');
    if (first == std::string_view::npos || !is_token(line_.substr(0, first))) {
      return malformed("does not start as a SIP message does");
    }
    const auto version = line_.substr(last + 1);
    if (first == last || !is_version(version)) {
      if (line_.find(" SIP/") == std::string_view::npos) return malformed("no SIP version");
      defect("Malformed Request-Line");
    }
    message_.version_2_ = !is_version(version) || iequals(version, "SIP/2.0");
    const auto uri = first == last ? std::string_view{} : line_.substr(first + 1, last - first - 1);
    if (uri.empty() || uri.find_first_of(" \t") != std::string_view::npos ||
        has_control_character(uri)) {
      defect("Malformed Request-Line");
    }
    if (uri.size() > limits_.header_bytes) defect("Request-URI too long");
    message_.start_first_ = range(line_.substr(0, first));
    message_.start_second_ = range(uri);
    message_.method_ = method_from(line_.substr(0, first));
    return {};
  }

  Result<void> status_line() {
    const auto space = line_.find(' ');
    if (space == std::string_view::npos || !iequals(line_.substr(0, space), "SIP/2.0")) {
      return malformed("a response of another version");
    }
    const auto rest = line_.substr(space + 1);
    const auto status = decimal(rest.substr(0, 3), 699);
    if (!status || *status < 100 || (rest.size() > 3 && rest[3] != ' ')) {
      return malformed("no valid status code");
    }
    message_.status_ = static_cast<int>(*status);
    message_.start_second_ = range(rest.substr(std::min<std::size_t>(4, rest.size())));
    return {};
  }

  void header_line() {
    const auto colon = line_.find(':');
    const auto name = trim(line_.substr(0, std::min(colon, line_.size())));
    if (colon == std::string_view::npos || !is_token(name)) return defect("Malformed header line");
    const auto value = trim(line_.substr(colon + 1));
    if (has_stray_control_character(value)) return defect("Control character in a header");
    const HeaderId id = header_id(name);
    if (!is_list_header(id)) {
      if (is_single_header(id) && message_.has(id)) {
        defect("More than one " + std::string{header_name(id)});
      }
      return add(id, name, value);
    }
    std::string_view rest = value;
    while (!rest.empty()) {
      const auto item = next_item(rest, ',');
      if (!item.empty()) add(id, name, item);
    }
  }

  void add(HeaderId id, std::string_view name, std::string_view value) {
    if (message_.fields_.size() >= limits_.headers) return defect("Too many headers");
    if (value.size() > limits_.header_bytes) {
      return defect("Header too long: " +
                    std::string{id == HeaderId::other ? "" : header_name(id)});
    }
    const auto place = value.empty() ? SipMessage::Range{} : range(value);
    message_.fields_.push_back({id, range(name), place});
  }

  /// As long as Content-Length says (18.3): what is over in a datagram is not part of it, what
  /// lacks makes it malformed.
  void body() {
    const auto rest =
        std::string_view{message_.text_}.substr(std::min(position_, message_.text_.size()));
    std::size_t length = rest.size();
    if (message_.has(HeaderId::content_length)) {
      const auto stated = decimal(message_.header(HeaderId::content_length), max_content_length);
      if (!stated) {
        defect("Malformed Content-Length");
      } else if (*stated > rest.size()) {
        defect("Content-Length larger than the message");
      } else {
        length = static_cast<std::size_t>(*stated);
      }
    }
    message_.body_ = range(rest.substr(0, length));
  }

  SipMessage& message_;
  const SipLimits& limits_;
  std::size_t position_{0};
  std::string_view line_;
};

Result<SipMessage> SipMessage::parse(ByteView octets, const SipLimits& limits) {
  SipMessage message;
  if (auto parsed = MessageParser{message, limits}.run(octets); !parsed) {
    return std::unexpected(parsed.error());
  }
  return message;
}

}  // namespace carillon::sip
